import { formatDuration } from '../core/duration.ts';
import { red, type Io } from './io.ts';

const NAME_WIDTH = 20;
const TEXT_WIDTH = 40;
const LINE_WIDTH = 100;
const CLEAR = '\r\u001b[2K';

/** What is at work now, by name: hosts are side by side, and a terminal has one last line. */
const active = new Map<symbol, { readonly name: string; said: string }>();

/**
 * Tells one step: its name at once, its result and how long it took at the end. Several may run at the same time.
 * On a terminal the last line says what is at work; elsewhere only steps over a second announce themselves.
 */
export async function step<T>(
  io: Io,
  name: string,
  work: (say: (text: string) => void) => Promise<T>,
  result: (value: T) => string,
): Promise<T> {
  const begin = performance.now();
  const key = Symbol(name);
  const mine = { name, said: 'working' };
  active.set(key, mine);
  const say = (text: string): void => {
    mine.said = text;
    redraw(io);
  };
  redraw(io);
  const announce = setTimeout(() => io.live || io.talk(`  ${name.padEnd(NAME_WIDTH)} ${mine.said}\n`), 1000);
  const end = (text: string): void => {
    active.delete(key);
    io.talk(`${io.live ? CLEAR : ''}  ${name.padEnd(NAME_WIDTH)} ${text}\n`);
    redraw(io);
  };
  try {
    const value = await work(say);
    end(`${result(value).padEnd(TEXT_WIDTH)}${formatDuration(performance.now() - begin).padStart(8)}`);
    return value;
  } catch (error) {
    end(red(io, 'failed'));
    throw error;
  } finally {
    clearTimeout(announce);
  }
}

function redraw(io: Io): void {
  if (!io.live || active.size === 0) return;
  const [only, ...others] = [...active.values()];
  const text =
    only && others.length === 0
      ? `${only.name.padEnd(NAME_WIDTH)} ${only.said}`
      : [...active.values()].map(({ name, said }) => `${name}: ${said}`).join(' · ');
  io.talk(`${CLEAR}  ${text.slice(0, LINE_WIDTH)}`);
}
