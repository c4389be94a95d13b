import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { type TLSSocket, connect as connectTls } from 'node:tls';

/** Sends bytes to a gate's socket and gives all it answers until it closes. */
export async function talk(path: string, text: string | Buffer, timeoutMs = 5000): Promise<string> {
  const socket = connect({ path });
  await once(socket, 'connect');
  socket.write(text);
  return readAll(socket, timeoutMs);
}

export async function readAll(socket: Socket, timeoutMs = 5000): Promise<string> {
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
  socket.on('error', () => {});
  const limit = setTimeout(() => socket.destroy(new Error('no end')), timeoutMs);
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  clearTimeout(limit);
  return answer;
}

/** A CONNECT; gives the status line's code and the socket, which is open when it is 200. */
export async function connectThrough(
  path: string,
  authority: string,
): Promise<{ readonly code: number; readonly body: string; readonly socket: Socket }> {
  const socket = connect({ path, allowHalfOpen: false });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  let answer = '';
  for (;;) {
    const [chunk] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [undefined])]);
    if (Buffer.isBuffer(chunk)) answer += chunk.toString('latin1');
    const code = Number(answer.slice(9, 12));
    const end = answer.indexOf('\r\n\r\n');
    if (end >= 0 && (code === 200 || !Buffer.isBuffer(chunk))) return { code, body: answer.slice(end + 4), socket };
    if (!Buffer.isBuffer(chunk)) return { code: 0, body: answer, socket };
  }
}

/** TLS inside a tunnel, its certificate checked; rejects with the TLS client's error. */
export async function secure(socket: Socket, servername: string, ca: string): Promise<TLSSocket> {
  const tls = connectTls({ socket, servername, ca, ALPNProtocols: ['http/1.1'] });
  const limit = setTimeout(() => tls.destroy(new Error('no TLS in time')), 5000);
  try {
    await once(tls, 'secureConnect');
    return tls;
  } finally {
    clearTimeout(limit);
  }
}

/** One GET over a TLS connection, as text. */
export async function get(tls: TLSSocket, host: string, path = '/'): Promise<string> {
  tls.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  return readAll(tls);
}
