import { gateBundle } from '../../src/gate/bundle.ts';
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

const LIMITS = { memoryMiB: 256, processes: 96, openFiles: 1024, fileMiB: 16, tmpMiB: 8 };

/** The real gate, a stand-in gateway behind an ingress, a stand-in node: what a host of a deployment runs. */
export async function testServices(host: string): Promise<readonly Service[]> {
  const allow = [{ host: '198.51.100.7', port: 8443, source: 'test' }];
  const policy = { version: 1, deployment: 'home', mode: 'enforce', allow, deny: [] } as const;
  const common = { host, env: {}, secrets: [], network: 'none', published: [], limits: LIMITS, stopGraceMs: 2000 } as const;
  return [
    gateService(host, policy, ['gateway-main', 'node-nas'], await gateBundle()),
    {
      ...common,
      name: 'gateway-main',
      role: 'gateway',
      key: 'main',
      hostname: 'main',
      command: ['{node}', '/config/main.mjs'],
      env: { HOME: '/state/home', PRICE: '$5 ${HOME}' },
      files: [{ name: 'main.mjs', content: GATEWAY }],
      secrets: [{ name: 'token', file: 'gateway_token' }],
      listeners: [{ name: 'ingress', toPort: 21_789 }],
      forwards: [{ port: 3128, service: 'gate', listener: 'egress-gateway-main' }],
      health: { kind: 'http', path: '/healthz', timeoutMs: 20_000 },
      after: ['gate'],
    },
    {
      ...common,
      name: 'node-nas',
      role: 'node',
      key: 'nas',
      hostname: 'nas',
      command: ['{node}', '/config/main.mjs'],
      files: [{ name: 'main.mjs', content: NODE }],
      listeners: [],
      forwards: [
        { port: 3128, service: 'gate', listener: 'egress-node-nas' },
        { port: 18_790, service: 'gateway-main', listener: 'ingress' },
      ],
      health: { kind: 'ready-line', text: 'node host gateway connected', timeoutMs: 20_000 },
      after: ['gate', 'gateway-main'],
    },
    {
      ...common,
      name: 'ingress-main',
      role: 'ingress',
      key: 'main',
      hostname: 'ingress-main',
      command: [],
      files: [],
      network: 'outside',
      listeners: [{ name: 'page', toPort: 21_789 }],
      forwards: [{ port: 21_789, service: 'gateway-main', listener: 'ingress' }],
      published: [{ address: '127.0.0.1', port: 21_789, listener: 'page' }],
      health: { kind: 'running', timeoutMs: 10_000 },
      after: ['gateway-main'],
    },
  ];
}
