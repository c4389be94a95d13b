import { request } from 'node:http';

const MOST_MS = 5000;

/** True when a GET on the Unix socket answers 200 within five seconds. */
export function answers(socket: string, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const limit = AbortSignal.timeout(MOST_MS);
    const call = request(
      { socketPath: socket, path, method: 'GET', headers: { host: 'localhost', connection: 'close' }, signal: limit },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200);
      },
    );
    call.on('error', () => resolve(false));
    call.end();
  });
}
