import { ADDRESS } from '../lab/net.ts';

const MAC = `  mac-mini: { connect: ssh://me@${ADDRESS.mac}, dir: /Users/me/bench }`;
const NAS = `  nas: { connect: ssh://admin@${ADDRESS.nas}, dir: /volume1/docker/bench }`;
const RULE = 'exec: { allow: [{ path: /usr/bin/uname, args: ^-n$ }] }';

/** A gateway and a node, on one host of the lab or on both. */
export function deploymentOn(hosts: 1 | 2): string {
  const link = `link: { type: ssh-tunnel, user: me, address: ${ADDRESS.mac} }, `;
  const node =
    hosts === 1
      ? `{ host: mac-mini, runtime: docker, gateway: main, ${RULE} }`
      : `{ host: nas, runtime: docker, gateway: main, ${link}${RULE} }`;
  return [
    `name: bench${hosts}`,
    'image: lobsterpot-lab/openclaw:2026.9.6',
    'hosts:',
    MAC,
    ...(hosts === 1 ? [] : [NAS]),
    'gateways:',
    '  main: { host: mac-mini, runtime: docker, model: { provider: anthropic, id: claude-sonnet-5, apiKey: { secret: anthropic_api_key } } }',
    'nodes:',
    `  worker: ${node}`,
    'egress: { ca: lab-ca.pem }',
    '',
  ].join('\n');
}
