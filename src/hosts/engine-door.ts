import type { Duplex } from 'node:stream';

import { EXIT } from '../core/exit-code.ts';
import { Problem } from '../core/problem.ts';
import { EACH, FIND_DOCKER } from './facts-script.ts';
import type { HostFacts } from './host.ts';
import { parseFacts } from './parse-facts.ts';
import type { ProgramStream } from './program-pipe.ts';
import { PLAIN_PATH } from './run.ts';
import { quoteArgv } from './ssh/quote.ts';

/** `headers`: containers and folders in them of which the first bytes are wanted, as the engine's archive of the folder begins. */
export type DoorRequest = { readonly headers: readonly { readonly container: string; readonly folder: string }[] };

/** What a plan needs to know of a host beside its engine. */
export type DoorFacts = Pick<HostFacts, 'platform' | 'kernel' | 'uid' | 'gid' | 'user' | 'home' | 'routes'>;

/** A host told who it is, and from then on its engine is spoken with: everything in one round trip. */
export type EngineDoor = {
  readonly facts: DoorFacts;
  /** Absolute paths; `sudo` where the engine's socket is not the user's. */
  readonly docker: { readonly path: string; readonly sudo?: string };
  /** Container's name -> the engine's raw answer (HTTP and then tar), cut off. */
  readonly headers: ReadonlyMap<string, Buffer>;
  /** The engine's HTTP, as `docker system dial-stdio` carries it. */
  readonly engine: ProgramStream;
};

const OPEN = 'door open\n';
const MOST_TOLD = 1024 ** 2;
/** More than ssh itself may take to reach a host. */
const TELL_MS = 45_000;
/** An answer's head and the first entry of an archive, with an extended header before it. */
const HEADER_BYTES = 3072;

// The engine's own socket that the user may not use means sudo, unless the user has docker talk with another engine.
const WHICH = String.raw`pre=
c=$HOME/.docker/config.json
if [ -S /var/run/docker.sock ] && [ ! -w /var/run/docker.sock ] && ! grep -q currentContext "$c" 2>/dev/null; then pre=$su; fi
dial() { env -i PATH=${PLAIN_PATH} "HOME=$HOME" ${'$'}{pre:+"$pre" -n} "$d" system dial-stdio; }
first() {
  h=$(printf 'GET /containers/%s/archive?path=%s HTTP/1.0\r\nHost: docker\r\n\r\n' "$1" "$2" | dial 2>/dev/null | head -c ${HEADER_BYTES} | base64 | tr -d '\n')
  echo "header $1 $h"
}`;

const MACHINE = String.raw`echo "system $(uname -s)"
echo "kernel $(uname -r)"
echo "uid $(id -u)"
echo "gid $(id -g)"
echo "user $(id -un)"
echo "home $HOME"
if [ -r /proc/net/route ]; then each route </proc/net/route; else netstat -rn -f inet | each bsdroute; fi`;

/** The script whose output begins with lines and goes on as the engine's HTTP; its input is the engine's from there on. */
export function doorScript({ headers }: DoorRequest): string {
  return [
    `PATH=$PATH:${PLAIN_PATH}`,
    EACH,
    MACHINE,
    FIND_DOCKER,
    '[ -n "$d" ] || exit 0',
    WHICH,
    'echo "docker_path $d"; [ -z "$pre" ] || echo "docker_sudo $pre"',
    ...headers.map(({ container, folder }) => `first ${quoteArgv([container, encodeURIComponent(folder)])}`),
    'echo door open',
    'dial',
  ].join('\n');
}

/** Reads what the script tells first; undefined: there is no engine to speak with, and the stream is at its end. A host that was not reached is a Problem. */
export async function enterDoor(stream: ProgramStream): Promise<EngineDoor | undefined> {
  try {
    const door = parseTold(await beginning(stream));
    if (door) return { ...door, engine: stream };
  } catch (error) {
    // To ask again would wait as long again.
    if (isUnreachable(error)) throw error;
  }
  await stream[Symbol.asyncDispose]();
  return undefined;
}

function isUnreachable(error: unknown): boolean {
  return error instanceof Problem && error.exit === EXIT.unreachable;
}

/** What was told before the engine's own bytes. Pure. */
export function parseTold(told: string): Omit<EngineDoor, 'engine'> | undefined {
  const facts = parseFacts(told, {});
  const path = /^docker_path (.+)$/m.exec(told)?.[1];
  const sudo = /^docker_sudo (.+)$/m.exec(told)?.[1];
  if (facts === undefined || path === undefined) return undefined;
  const headers = [...told.matchAll(/^header (\S+) (\S+)$/gm)].map(
    ([, name = '', bytes = '']) => [name, Buffer.from(bytes, 'base64')] as const,
  );
  return { facts, docker: { path, ...(sudo === undefined ? {} : { sudo }) }, headers: new Map(headers) };
}

function beginning(stream: Duplex): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0);
    const end = (act: () => void): void => {
      clearTimeout(limit);
      stream.off('data', onData).off('error', onError).off('end', onEnd);
      stream.pause();
      act();
    };
    const onError = (error: Error): void => end(() => reject(error));
    const onEnd = (): void => end(() => reject(new Error('it ended before the engine was spoken with')));
    const limit = setTimeout(() => end(() => reject(new Error('no answer in time'))), TELL_MS);
    const onData = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk]);
      const at = seen.indexOf(OPEN);
      if (at < 0 && seen.length > MOST_TOLD) return onError(new Error('it tells too much'));
      if (at < 0) return;
      const rest = seen.subarray(at + OPEN.length);
      end(() => {
        if (rest.length > 0) stream.unshift(rest);
        resolve(seen.toString('utf8', 0, at));
      });
    };
    stream.on('data', onData).on('error', onError).on('end', onEnd);
  });
}
