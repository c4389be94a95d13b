import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';

// Services of a host that have nothing to do with lobsterpot, on 0.0.0.0: they tell the lab who reached them.
// Runs in the host's network, with the machine's files.
const [folder, host, ...ports] = process.argv.slice(2);
if (folder === undefined || host === undefined) throw new Error('usage: canary.ts FOLDER HOST PORT...');

const tell = (to: string, from: string): void => {
  const told = request({ socketPath: join(folder, 'admin.sock'), method: 'POST', path: '/canary', timeout: 5000 }, (answer) =>
    answer.resume(),
  );
  told.on('error', (error) => process.stderr.write(`canary: ${error.message}\n`));
  told.end(JSON.stringify({ host, to, from }));
};

for (const port of ports) {
  const server = createServer((socket) => {
    tell(`${socket.localAddress ?? ''}:${port}`, socket.remoteAddress ?? '');
    socket.on('error', () => socket.destroy());
    socket.setTimeout(30_000, () => socket.destroy());
    // Plain words at once: also a client that waits for a banner learns that it got through.
    socket.end(`HTTP/1.0 200 OK\r\nconnection: close\r\n\r\nlab ${host} ${port}\n`);
  });
  server.listen({ port: Number(port), host: '0.0.0.0' });
  await once(server, 'listening');
}
process.stdout.write('ready\n');
