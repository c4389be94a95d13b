import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { queryTrail } from '../../src/audit/query-trail.ts';
import type { ProofInput } from '../../src/checks/proof-input.ts';
import { prove } from '../../src/checks/prove.ts';
import type { Finding } from '../../src/core/finding.ts';
import { Redacted } from '../../src/core/redacted.ts';
import { gateBundle } from '../../src/gate/bundle.ts';
import { localHost } from '../../src/hosts/local-host.ts';
import { processRuntime } from '../../src/runtimes/process/process-runtime.ts';
import { compile } from '../../src/services/compile.ts';
import { parseDeployment } from '../../src/topology/parse-deployment.ts';
import { currentLab } from '../lab/lab-client.ts';
import type { LabClient } from '../lab/lab-client.ts';
import { exampleFile } from '../support/deployment-file.ts';
import { plannedFiles, type PlannedFiles } from '../support/planned-files.ts';
import { standIn } from '../support/stand-in.ts';

/**
 * The example's deployment on the lab's host: the real gate under the real runtime, and in the place of OpenClaw two small programs,
 * so that a service can be weakened and started anew in half a second.
 */
export type SmallStage = Omit<PlannedFiles, 'write'> & {
  readonly lab: LabClient;
  readonly root: string;
  readonly secrets: ReadonlyMap<string, Redacted>;
  readonly runtime: ReturnType<typeof processRuntime>;
  /** Writes every file as it should be, and starts what is named. */
  restore(restart: readonly string[]): Promise<void>;
  prove(change?: Partial<ProofInput>): Promise<readonly Finding[]>;
};

/** Allowed by name, and what the lab's resolver answers for them must never be dialled. */
export const PRIVATE_NAMES = [
  'private.lab.test',
  'host.lab.test',
  'loopback.lab.test',
  'loopback6.lab.test',
  'metadata.lab.test',
  'mixed.lab.test',
] as const;

/** Makes the stage and starts its three services. */
export async function setSmallStage(): Promise<SmallStage> {
  const lab = currentLab();
  const data = process.env['LOBSTERPOT_E2E_RUNTIME'];
  if (!lab || data === undefined) throw new Error('the sabotage runs in the lab: see e2e/sabotage.e2e.test.ts');
  const root = join(lab.folder, 'home', 'pot');
  mkdirSync(root, { mode: 0o700, recursive: true });
  const text = exampleFile((document) => {
    document.setIn(['egress', 'ca'], 'ca.pem');
  });
  const parsed = parseDeployment(text, { file: 'lobsterpot.yaml', readFile: () => Buffer.from(lab.ca) });
  const trusting = PRIVATE_NAMES.map((host) => ({ host, port: 443, client: 'gateway-main', source: 'sabotage' }));
  const deployment = { ...parsed, egress: { ...parsed.egress, allow: [...parsed.egress.allow, ...trusting] } };
  const secrets = new Map([
    ['anthropic_api_key', new Redacted(readFileSync(lab.modelKeyFile, 'utf8').trim())],
    ['gateway-main-token', new Redacted(`gateway-main-token-${lab.folder.slice(-6)}-3f9c51aa77e0`)],
  ]);
  const compiled = compile(deployment, {
    gateBundle: await gateBundle(),
    presentSecrets: new Set(['anthropic_api_key']),
    deviceIds: new Map(),
  });
  const services = compiled.map(standIn);
  const runtime = processRuntime({ deployment: 'home', root, runtime: data, containment: 'full' });
  const { uidOf, read, edit, write } = plannedFiles(root, { artifacts: runtime.render(services), services, secrets });
  const restore = async (restart: readonly string[]): Promise<void> => {
    await write();
    await runtime.start(restart);
  };

  await restore(services.map(({ name }) => name));
  return {
    lab,
    root,
    secrets,
    runtime,
    uidOf,
    read,
    edit,
    restore,
    prove: (change = {}) =>
      prove({
        // Without gateways and nodes nothing is asked of OpenClaw, which is not here.
        deployment: { ...deployment, gateways: [], nodes: [] },
        services,
        runtime,
        kind: 'process',
        host: localHost('this-machine'),
        machine: localHost('this-machine'),
        isLocal: true,
        root,
        store: { host: localHost('this-machine'), root, uid: process.getuid?.() ?? 0 },
        otherHosts: [],
        links: new Map(),
        policy: deployment.egress,
        uidOf,
        secrets,
        gateways: new Map(),
        deviceIds: new Map(),
        denied: async (sinceMs) =>
          (await queryTrail(join(root, 'services/gate/state/trail'), { sinceMs, denied: true }, 10_000)).map(({ decision }) => decision),
        targets: {
          publicAddress: '198.51.100.12',
          hostileAddress: '198.51.100.66',
          ipv6Address: '2001:db8::66',
          resolvers: ['198.51.100.53', '8.8.8.8'],
          privateNames: PRIVATE_NAMES,
        },
        disruptive: false,
        ...change,
      }),
  };
}
