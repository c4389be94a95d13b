import { fstatSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { plainText } from '../core/plain-text.ts';
import { reasonOf } from '../core/problem.ts';
import { Gate } from './gate.ts';
import { listenOn } from './listen.ts';
import { parseSettings } from './settings.ts';

const TICK_MS = 1000;
const LIFE_LINE_FD = 3;
/** What a settings file that cannot be used exits with (EX_CONFIG). */
const EXIT_CONFIG = 78;

function say(message: string): void {
  process.stderr.write(`gate: ${plainText(message)}\n`);
}

async function main(path: string | undefined): Promise<void> {
  const settings = path === undefined ? { invalid: 'no settings file was named' } : parseSettings(readFileSync(path, 'utf8'));
  if ('invalid' in settings) {
    say(`${path ?? 'settings'}: ${settings.invalid}`);
    process.exitCode = EXIT_CONFIG;
    return;
  }
  const gate = new Gate(settings, say);
  gate.trail.start(process.pid);
  gate.reload();
  const stop = (why: string): void => {
    gate.tunnels.end(() => 'stopped');
    // The records of the tunnels' ends are written when their sockets have closed.
    setTimeout(() => {
      gate.stop(why);
      process.exit(0);
    }, 50);
  };
  process.on('SIGTERM', () => stop('terminated'));
  process.on('SIGINT', () => stop('interrupted'));
  process.on('SIGHUP', () => void gate.reload());
  setInterval(() => gate.tick(), TICK_MS);
  watchLifeLine(() => stop('the supervisor is gone'));
  await Promise.all(settings.listeners.map((listener) => listenOn(gate, listener, say)));
  say('ready');
}

/** The supervisor holds the other end: when it closes, by whatever cause, the gate ends. */
function watchLifeLine(onGone: () => void): void {
  const stats = statOf(LIFE_LINE_FD);
  // Started by hand without one: the descriptor is free, or it is something of Node's own.
  if (!stats || !(stats.isFIFO() || stats.isSocket())) return;
  const line = new Socket({ fd: LIFE_LINE_FD, readable: true, writable: false });
  line.on('error', onGone);
  line.on('close', onGone);
  line.resume();
}

function statOf(fd: number): ReturnType<typeof fstatSync> | undefined {
  try {
    return fstatSync(fd);
  } catch {
    return undefined;
  }
}

main(process.argv[2]).catch((error: unknown) => {
  say(`cannot start: ${reasonOf(error)}`);
  process.exit(1);
});
