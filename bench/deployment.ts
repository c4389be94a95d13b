import type { HostMachine } from '../lab/machines.ts';

const USER = { mac: 'me', nas: 'admin' } as const;
const FOLDER = { mac: '/Users/me/bench', nas: '/volume1/docker/bench' } as const;
const RULE = 'exec: { allow: [{ path: /usr/bin/uname, args: ^-n$ }] }';

/**
 * A gateway on the first of these hosts of the lab, and a node with a tunnel to it on each other one. On a single host the node
 * stands beside its gateway, so that there is one to compare.
 */
export function deploymentOn(hosts: readonly HostMachine[], name: string): string {
  const [first, ...others] = hosts;
  if (!first) throw new TypeError('a deployment has a host');
  const link = `link: { type: ssh-tunnel, user: ${USER[first.kind]}, address: ${first.address} }, `;
  const node = (host: HostMachine, how: string): string =>
    `  on-${host.name}: { host: ${host.name}, runtime: docker, gateway: main, ${how}${RULE} }`;
  return [
    `name: ${name}`,
    'image: lobsterpot-lab/openclaw:2026.9.6',
    'hosts:',
    ...hosts.map((host) => `  ${host.name}: { connect: ssh://${USER[host.kind]}@${host.address}, dir: ${FOLDER[host.kind]} }`),
    'gateways:',
    `  main: { host: ${first.name}, runtime: docker, model: { provider: anthropic, id: claude-sonnet-5, apiKey: { secret: anthropic_api_key } } }`,
    'nodes:',
    ...(others.length === 0 ? [node(first, '')] : others.map((host) => node(host, link))),
    'egress: { ca: lab-ca.pem }',
    '',
  ].join('\n');
}
