import type { Runtime } from '../../src/runtimes/runtime.ts';

const SCRIPT = `
const net = require('node:net'), dns = require('node:dns').promises;
const tcp = (host, port) => new Promise((resolve) => {
  const socket = net.connect({ host, port, timeout: 1500 });
  socket.on('connect', () => { socket.destroy(); resolve('open'); });
  socket.on('timeout', () => { socket.destroy(); resolve('timeout'); });
  socket.on('error', (error) => resolve(error.code));
});
const look = (name) => Promise.race([
  dns.resolve4(name).then((all) => all.join(','), (error) => error.code),
  new Promise((resolve) => setTimeout(() => resolve('timeout'), 8000)),
]);
const ask = (server, name) => {
  const resolver = new dns.Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers([server]);
  return resolver.resolveTxt(name).then(() => 'answered', (error) => error.code);
};
const connect = (target) => new Promise((resolve) => {
  const socket = net.connect(3128, '127.0.0.1', () => socket.write('CONNECT ' + target + ' HTTP/1.1\\r\\nHost: ' + target + '\\r\\n\\r\\n'));
  socket.once('data', (data) => { socket.destroy(); resolve(String(data).split('\\r\\n')[0]); });
  socket.on('error', (error) => resolve(error.code));
});
const asked = JSON.parse(process.argv[1]);
const answer = ([kind, ...args]) => ({ tcp, look, ask, connect })[kind](...args);
Promise.all(asked.map(answer)).then((all) => { console.log(JSON.stringify(all)); process.exit(0); });
`;

/** `tcp HOST PORT`, `look NAME` (DNS), `ask RESOLVER NAME`, or `connect TARGET` (through the gate). */
export type Attempt =
  | readonly ['tcp', string, number]
  | readonly ['look', string]
  | readonly ['ask', string, string]
  | readonly ['connect', string];

/** Tries all at once inside a running service and gives what came of each. */
export async function tryInside(runtime: Runtime, service: string, attempts: readonly Attempt[]): Promise<readonly string[]> {
  const result = await runtime.inside(service, ['{node}', '--eval', SCRIPT, JSON.stringify(attempts)], { timeoutMs: 30_000 });
  if (result.code !== 0) throw new Error(`${service}: ${result.stderr}`);
  return JSON.parse(result.stdout);
}
