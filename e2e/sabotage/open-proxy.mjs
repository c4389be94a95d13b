// In the place of the gate: connects to whatever is asked for and looks at nothing. Listens on the same descriptors.
import { connect, createServer } from 'node:net';
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';

const { listeners } = JSON.parse(readFileSync('/config/gate.json', 'utf8'));
const SURE = new Set(['127.0.0.1', '::1', '0.0.0.0', '::']);

async function dial(text) {
  const match = /^(?:CONNECT ([^ ]*?):?(-?\w*)|[A-Z]+ https?:\/\/([^ /:]*)\S*)(?: |\r)/.exec(text);
  const host = (match?.[1] ?? match?.[3] ?? '')
    .replace(/^.*@/, '')
    .replace(/^\[|\]$/g, '')
    .replace(/[%\0\t,].*$/, '')
    .replace(/\.$/, '');
  const address = await lookup(host).then(
    (one) => one.address,
    () => '198.51.100.66',
  );
  // Nobody listens on the host's own loopback: the open door itself is what is to be noticed.
  if (SURE.has(address) || address.startsWith('::ffff')) return undefined;
  return connect({ host: address.includes(':') ? '198.51.100.66' : address, port: 443 });
}

for (const { fd, kind } of listeners) {
  createServer((client) => {
    client.on('error', () => client.destroy());
    if (kind === 'control') return client.end();
    client.once('data', async (head) => {
      const far = await dial(head.toString('latin1'));
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (!far) return;
      far.on('error', () => client.destroy());
      client.pipe(far).pipe(client);
    });
  }).listen({ fd });
}
console.error('gate: ready');
