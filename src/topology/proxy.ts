import { isRecord } from '../core/json.ts';
import type { LooseView } from './loose-view.ts';
import type { Mistake } from './mistake.ts';
import { hostRuntimes } from './places.ts';

/** What a file asks for that Squid cannot do. Reads the file without the schema, so that all mistakes are told in one pass. */
export function checkProxy(file: unknown, view: LooseView): readonly Mistake[] {
  const { egress, gateways } = isRecord(file) ? file : {};
  if (!isRecord(egress) || egress['proxy'] !== 'squid') return [];
  const runtimes = hostRuntimes(view);
  const used = new Set([...view.gateways, ...view.nodes].map(({ host }) => host));
  const asProcess = view.hosts.find(({ name }) => used.has(name) && runtimes.get(name) === 'process');
  const routed = isRecord(gateways)
    ? Object.entries(gateways).flatMap(([name, one]) => (isRecord(one) && one['credentials'] === 'route' ? [name] : []))
    : [];
  return [
    ...(asProcess ? [onlyInContainers(asProcess.name)] : []),
    ...routed.map((name): Mistake => ({
      code: 'value',
      path: ['gateways', name, 'credentials'],
      what: 'Squid has no routes',
      cause: "only lobsterpot's own gate adds a credential to a request and counts what it costs",
      change: 'write credentials: file, or egress.proxy: gate',
    })),
  ];
}

// Its ports would lie on the loopback of the host itself, where every user of the machine could be any client.
function onlyInContainers(host: string): Mistake {
  return {
    code: 'place',
    path: ['egress', 'proxy'],
    what: `host ${host} runs local processes, and Squid runs in containers alone`,
    cause: 'it tells its clients apart by ports of its own loopback, which on the host itself anybody could use',
    change: `write runtime: docker for what runs on ${host}, or proxy: gate`,
  };
}
