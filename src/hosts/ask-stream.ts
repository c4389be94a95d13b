import type { Duplex } from 'node:stream';

/**
 * Sends one JSON line over a fresh connection and gives the one line that answers it, at most `maxBytes` long (default 4 MiB),
 * within the time limit. The connection is ended either way.
 */
export function askStream(
  stream: Duplex,
  line: string,
  limits: { readonly timeoutMs: number; readonly maxBytes?: number },
): Promise<string> {
  const most = limits.maxBytes ?? 4 * 1024 ** 2;
  return new Promise((resolve, reject) => {
    let answer = '';
    const end = (act: () => void): void => {
      clearTimeout(limit);
      stream.destroy();
      act();
    };
    const limit = setTimeout(() => end(() => reject(new Error(`no answer within ${limits.timeoutMs} ms`))), limits.timeoutMs);
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      answer += chunk;
      const at = answer.indexOf('\n');
      if (at >= 0) end(() => resolve(answer.slice(0, at)));
      else if (answer.length > most) end(() => reject(new Error('the answer is too long')));
    });
    stream.on('error', (error) => end(() => reject(error)));
    stream.on('end', () => end(() => reject(Object.assign(new Error('the connection ended without an answer'), { code: 'ECONNRESET' }))));
    stream.write(`${line}\n`);
  });
}
