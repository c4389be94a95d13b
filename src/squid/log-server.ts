import { createServer, type Server } from 'node:net';

const LONGEST_LINE = 16_384;

/** Takes Squid's access log from a loopback port, line by line. Resolves when it listens. */
export function listenForLines(port: number, onLine: (line: string) => void): Promise<Server> {
  const server = createServer((socket) => {
    let held = '';
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on('data', (text: string) => {
      held += text;
      const lines = held.split('\n');
      held = lines.pop() ?? '';
      lines.forEach(onLine);
      if (held.length > LONGEST_LINE) socket.destroy();
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}
