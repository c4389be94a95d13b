import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';

import { Problem, reasonOf } from '../../../core/problem.ts';
import { parseRequest, type Answer, type Request } from './protocol.ts';

const LONGEST_REQUEST = 4096;
const REQUEST_MS = 5000;

/**
 * Serves the control socket at a short relative path: one request a connection, one answer. Its folder is 0700 and the umask 077,
 * so only the deployment's owner gets here.
 */
export async function serveControl(path: string, handle: (request: Request) => Promise<Answer>): Promise<Server> {
  // The lock says that no other supervisor lives: what lies here is left over.
  rmSync(path, { force: true });
  const server = createServer((socket) => serve(socket, handle));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, resolve);
  });
  return server;
}

function serve(socket: Socket, handle: (request: Request) => Promise<Answer>): void {
  let text = '';
  const limit = setTimeout(() => socket.destroy(), REQUEST_MS);
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('close', () => clearTimeout(limit));
  socket.on('data', (chunk: string) => {
    text += chunk;
    const at = text.indexOf('\n');
    if (at < 0 && text.length > LONGEST_REQUEST) socket.destroy();
    if (at < 0) return;
    clearTimeout(limit);
    socket.pause();
    void answerTo(text.slice(0, at), handle).then((answer) => socket.end(`${JSON.stringify(answer)}\n`));
  });
}

async function answerTo(line: string, handle: (request: Request) => Promise<Answer>): Promise<Answer> {
  try {
    return await handle(parseRequest(line));
  } catch (error) {
    if (error instanceof Problem) return { ok: false, code: error.code, what: error.message, cause: error.why, fix: error.fix };
    return {
      ok: false,
      code: 'process/supervisor',
      what: 'the supervisor could not do what it was asked',
      cause: reasonOf(error).slice(0, 500),
      fix: 'run: lobsterpot down, then: lobsterpot up',
    };
  }
}
