import { readFileSync } from 'node:fs';

const EVERY_MS = 10_000;

/**
 * Calls `changed` when the content of a resolv.conf is another one than before. A service that sees the file keeps the one it was started with:
 * the file is replaced, not written, when a machine joins another network. An absent or empty file is no news.
 */
export function watchResolver(path: string, changed: () => void, everyMs = EVERY_MS): Disposable {
  let known = read(path);
  const timer = setInterval(() => {
    const now = read(path);
    if (now === '' || now === known) return;
    const first = known === '';
    known = now;
    if (!first) changed();
  }, everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
