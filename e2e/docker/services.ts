import { gateBundle } from '../../src/gate/bundle.ts';
import { service, SERVICES } from '../../src/runtimes/docker/testing/services.ts';
import { gateService } from '../../src/services/gate-service.ts';
import type { Service } from '../../src/services/service.ts';

/** A gateway's stand-in: answers its health and echoes who it is; it also says what it got. */
const GATEWAY = `
import { createServer } from 'node:http';
import { readFileSync, appendFileSync } from 'node:fs';
appendFileSync('/state/starts', process.pid + '\\n');
createServer((request, answer) => {
  if (request.url === '/crash') process.exit(3);
  answer.end(JSON.stringify({ path: request.url, token: readFileSync('/secrets/gateway_token', 'utf8').length, uid: process.getuid() }));
}).listen(21789, '127.0.0.1', () => console.log('gateway listens'));
`;

/** A node's stand-in: connected when its gateway answers. */
const NODE = `
const ask = () => fetch('http://127.0.0.1:18790/healthz').then((answer) => answer.text());
for (;;) {
  try { console.log('node host gateway connected', await ask()); break; }
  catch { await new Promise((resolve) => setTimeout(resolve, 200)); }
}
setInterval(() => undefined, 1000);
`;

const COMMON = { host: 'here', limits: { memoryMiB: 256, processes: 96, openFiles: 1024, fileMiB: 16, tmpMiB: 8 } } as const;
const MAIN = { command: ['{node}', '/config/main.mjs'] } as const;

/** The real gate, a stand-in gateway behind an ingress, a stand-in node: what a host of a deployment runs. */
export async function testServices(): Promise<readonly Service[]> {
  const allow = [{ host: '198.51.100.7', port: 8443, source: 'test' }];
  const policy = { version: 1, deployment: 'home', mode: 'enforce', allow, deny: [] } as const;
  return [
    gateService(COMMON.host, policy, ['gateway-main', 'node-nas'], await gateBundle()),
    service('gateway-main', {
      ...COMMON,
      ...MAIN,
      role: 'gateway',
      key: 'main',
      hostname: 'main',
      env: { HOME: '/state/home', PRICE: '$5 ${HOME}' },
      files: [{ name: 'main.mjs', content: GATEWAY }],
      secrets: [{ name: 'token', file: 'gateway_token' }],
      listeners: [{ name: 'ingress', toPort: 21_789 }],
      forwards: [{ port: 3128, service: 'gate', listener: 'egress-gateway-main' }],
      health: { kind: 'http', path: '/healthz', timeoutMs: 20_000 },
      after: ['gate'],
    }),
    service('node-nas', {
      ...COMMON,
      ...MAIN,
      key: 'nas',
      hostname: 'nas',
      files: [{ name: 'main.mjs', content: NODE }],
      forwards: SERVICES.find(({ name }) => name === 'node-nas')?.forwards ?? [],
      health: { kind: 'ready-line', text: 'node host gateway connected', timeoutMs: 20_000 },
      after: ['gate', 'gateway-main'],
    }),
    ...SERVICES.filter(({ role }) => role === 'ingress').map((ingress) => ({ ...ingress, ...COMMON })),
  ];
}
