import { createServer } from 'node:net';
import type { Finding } from '../../core/finding.ts';
import type { Host } from '../../hosts/host.ts';
import { identities } from '../../runtimes/process/identity.ts';
import { probeChain } from '../../runtimes/process/chain-probe.ts';
import type { Service } from '../../services/service.ts';
import { judgePreflight } from './judge-preflight.ts';

export type PreflightInput = {
  readonly host: Host;
  readonly deployment: string;
  readonly services: readonly Service[];
  readonly root: string;
  readonly containment: 'full' | 'none';
  readonly runtimeInstalled: boolean;
  /** Services of this deployment that run now: they hold their own ports. */
  readonly running: ReadonlySet<string>;
};

/** Can this host run the deployment? Changes nothing. */
export async function preflight(input: PreflightInput): Promise<readonly Finding[]> {
  const { host, services, root, containment } = input;
  const wanted = services
    .filter(({ name }) => !input.running.has(name))
    .flatMap(({ name, published }) => published.map(({ address, port }) => ({ service: name, address, port })));
  const [facts, [rootState], passwd, ports, chain] = await Promise.all([
    host.facts(),
    host.stat([root]),
    host.read('/etc/passwd'),
    Promise.all(wanted.map(async (one) => ({ port: one.port, service: one.service, free: await isFree(one.address, one.port) }))),
    containment === 'full' ? probeChain() : undefined,
  ]);
  const owners = identities(
    { uid: facts.uid, gid: facts.gid },
    input.deployment,
    services.map(({ name }) => name),
  );
  return judgePreflight(facts, {
    containment,
    ...(chain ? { chain } : {}),
    ports,
    runtimeInstalled: input.runtimeInstalled,
    roles: services.map(({ role }) => role),
    root,
    rootState: rootState ?? { kind: 'absent' },
    uids: new Map([...owners].map(([name, { uid }]) => [name, uid])),
    ...(passwd ? { passwd: Buffer.from(passwd).toString('utf8') } : {}),
  });
}

function isFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
