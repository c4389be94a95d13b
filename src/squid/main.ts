import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { plainText } from '../core/plain-text.ts';
import { reasonOf } from '../core/problem.ts';
import { until } from '../core/wait.ts';
import { listenOn } from '../gate/listen.ts';
import { parseSettings } from '../gate/settings.ts';
import { serveAtDoor } from './door.ts';
import { Keeper } from './keeper.ts';
import { parseKeeperSettings } from './keeper-settings.ts';
import { listenForLines } from './log-server.ts';
import { squidBuild } from './run-squid.ts';

const TICK_MS = 1000;
const READY_MS = 20_000;
const HEALTH_EVERY_MS = 10_000;
const MISSED = 6;
/** What a settings file that cannot be used exits with (EX_CONFIG). */
const EXIT_CONFIG = 78;

function say(message: string): void {
  process.stderr.write(`gate: ${plainText(message)}\n`);
}

function refuse(message: string): void {
  say(message);
  process.exitCode = EXIT_CONFIG;
}

// keeper.mjs GATE.json SQUID.json
async function main([gateFile = '', squidFile = '']: readonly string[]): Promise<void> {
  const settings = parseSettings(readFileSync(gateFile, 'utf8'));
  if ('invalid' in settings) return refuse(`${gateFile}: ${settings.invalid}`);
  const squid = parseKeeperSettings(readFileSync(squidFile, 'utf8'));
  if ('invalid' in squid) return refuse(`${squidFile}: ${squid.invalid}`);
  const build = squidBuild(squid.squid);
  if (!build) return refuse(`there is no Squid that runs at ${squid.squid}: the image must hold one`);
  let isOver = false;
  const stop = (why: string, code: number): void => {
    if (isOver) return;
    isOver = true;
    void keeper.stopSquid().finally(() => {
      keeper.stop(why);
      process.exit(code);
    });
  };
  const keeper = new Keeper(settings, squid, {
    readsHello: build.readsHello,
    say,
    onEnd: (why) => {
      say(`squid: ${why}`);
      stop(`squid: ${why}`, 1);
    },
  });
  process.on('SIGTERM', () => stop('terminated', 0));
  process.on('SIGINT', () => stop('interrupted', 0));
  await listenForLines(squid.logPort, (line) => keeper.onLine(line));
  keeper.trail.start(process.pid);
  keeper.reload();
  process.on('SIGHUP', () => void keeper.reload());
  setInterval(() => keeper.tick(), TICK_MS);
  const serve = async (client: string, socket: Socket): Promise<void> => {
    const port = squid.clients.find((one) => one.client === client)?.port;
    if (port === undefined) throw new TypeError(`${client} has no port at Squid`);
    await serveAtDoor(keeper, client, socket, port);
  };
  await Promise.all(settings.listeners.map((listener) => listenOn(keeper, listener, say, serve)));
  const isReady = await until(async () => ((await keeper.health()) === 'well' ? true : undefined), { timeoutMs: READY_MS, everyMs: 100 });
  if (isReady !== true) return stop('squid does not answer', 1);
  say(`squid ${build.version}, ${build.readsHello ? 'which reads the ClientHello' : 'which reads no ClientHello'}`);
  say('ready');
  watchHealth(keeper, () => stop('squid does not answer any more', 1));
}

/** A Squid that hangs is ended: whoever started this starts it anew. */
function watchHealth(keeper: Keeper, onGone: () => void): void {
  let missed = 0;
  setInterval(() => {
    void keeper.health().then((how) => {
      missed = how === 'well' ? 0 : missed + 1;
      if (missed === MISSED) onGone();
    });
  }, HEALTH_EVERY_MS);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  say(`cannot start: ${reasonOf(error)}`);
  process.exit(1);
});
