import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localHost } from '../../../hosts/local-host.ts';
import type { Runtime } from '../../../runtimes/runtime.ts';
import { parseDeployment } from '../../../topology/parse-deployment.ts';
import type { Engine } from '../../engine.ts';
import { secretStore } from '../../secret-store.ts';
import type { Site } from '../../site.ts';

const TEXT = `
name: small
hosts: { here: { connect: local } }
gateways: { main: { host: here } }
nodes: { nas: { host: here, gateway: main } }
`;

/** An engine with a folder of its own and a host on which nothing runs; `calls` are those of its runtime. */
export type SmallEngine = Disposable & { readonly engine: Engine; readonly calls: readonly string[] };

/** Made in the temporary folder; goes away at the end of the scope. What is not scripted fails. */
export function smallEngine(): SmallEngine {
  // The lock lies beside the root.
  const parent = mkdtempSync(join(tmpdir(), 'lobsterpot-rotate-'));
  const root = join(parent, 'small');
  mkdirSync(root);
  const local = localHost('here');
  const calls: string[] = [];
  const unscripted = (): never => {
    throw new Error('unscripted');
  };
  const runtime: Runtime = {
    render: unscripted,
    observe: unscripted,
    survey: unscripted,
    inside: unscripted,
    connect: unscripted,
    notEnforced: unscripted,
    logs: unscripted,
    shutdown: unscripted,
    start: async (names) => void calls.push(`start ${names.join()}`),
    stop: async (names) => void calls.push(`stop ${names.join()}`),
    once: async (_service, command) => {
      calls.push(command[3] ?? '');
      return { code: 0, signal: undefined, timedOut: false, stdout: '', stderr: '' };
    },
  };
  const base = { kind: 'install-runtime', name: 'x', isThere: unscripted, bring: unscripted } as const;
  const site: Site = { name: 'here', kind: 'process', containment: 'full', machine: local, host: local, root, runtime, base, chosen: {} };
  const sites = new Map([[site.name, site]]);
  return {
    calls,
    engine: {
      deployment: parseDeployment(TEXT, { file: 'lobsterpot.yaml', readFile: () => Buffer.alloc(0) }),
      file: join(root, 'lobsterpot.yaml'),
      local,
      root,
      store: secretStore(local, root),
      gateBundle: async () => '',
      sites: async () => sites,
      site: async (name) => sites.get(name),
      reach: async () => ({ sites, unreachable: new Map() }),
      forgetSites: () => undefined,
    },
    [Symbol.dispose]: () => rmSync(parent, { recursive: true, force: true }),
  };
}
