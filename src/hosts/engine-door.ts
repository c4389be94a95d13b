import type { Duplex } from 'node:stream';

import { EXIT } from '../core/exit-code.ts';
import { Problem } from '../core/problem.ts';
import { EACH, FIND_DOCKER } from './facts-script.ts';
import type { HostFacts } from './host.ts';
import { keysScript, parseKeys, type KeysLook, type KeysRequest } from './keys-look.ts';
import { parseFacts } from './parse-facts.ts';
import type { ProgramStream } from './program-pipe.ts';
import { PLAIN_PATH } from './run.ts';
import { quoteArgv } from './ssh/quote.ts';

export type DoorRequest = {
  /** Containers and folders in them of which the first bytes are wanted, as the engine's archive of the folder begins. */
  readonly headers: readonly { readonly container: string; readonly folder: string }[];
  readonly keys?: KeysRequest;
};

/** What a plan needs to know of a host beside its engine. */
export type DoorFacts = Pick<HostFacts, 'platform' | 'kernel' | 'uid' | 'gid' | 'user' | 'home' | 'routes'>;

/** A host told who it is, and from then on its engine is spoken with: everything in one round trip. */
export type EngineDoor = {
  readonly facts: DoorFacts;
  /** Absolute paths; `sudo` where the engine's socket is not the user's. */
  readonly docker: { readonly path: string; readonly sudo?: string };
  /** Container's name -> the engine's raw answer (HTTP and then tar), cut off; what is not told in time is not in it. Never rejected. */
  readonly headers: Promise<ReadonlyMap<string, Buffer>>;
  /** Present when they were asked for. */
  readonly keys?: KeysLook;
  /** The engine's HTTP, as `docker system dial-stdio` carries it. */
  readonly engine: ProgramStream;
};

const OPEN = 'door open\n';
const MOST_TOLD = 1024 ** 2;
/** More than ssh itself may take to reach a host. */
const TELL_MS = 45_000;
const HEADERS_MS = 20_000;
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
export function doorScript({ headers, keys }: DoorRequest): string {
  return [
    `PATH=$PATH:${PLAIN_PATH}`,
    // What is told first must not eat what the engine is asked.
    'exec 3<&0 </dev/null',
    EACH,
    FIND_DOCKER,
    '[ -n "$d" ] || exit 0',
    WHICH,
    // It says nothing before it is asked, and it is asked when all else was told: until then it may start.
    'dial <&3 3<&- & dp=$!',
    'exec 3<&-',
    MACHINE,
    'echo "docker_path $d"; [ -z "$pre" ] || echo "docker_sudo $pre"',
    ...(keys ? [keysScript(keys)] : []),
    // Beside the conversation, which they must not hold up. Side by side, and no word of one within another's: what comes first through a pipe is held by it.
    ...(headers.length === 0 ? [] : [`{\n${headers.reduceRight(besides, ':')}\n} >&2 &`]),
    'echo door open',
    'wait $dp',
  ].join('\n');
}

function besides(inner: string, { container, folder }: DoorRequest['headers'][number]): string {
  return `first ${quoteArgv([container, encodeURIComponent(folder)])} | {\n${inner}\ncat\n}`;
}

/** Reads what the script tells first; undefined: there is no engine to speak with, and the stream is at its end. A host that was not reached is a Problem. */
export async function enterDoor(stream: ProgramStream, asked: DoorRequest): Promise<EngineDoor | undefined> {
  const headers = headersBeside(
    stream,
    asked.headers.map((one) => one.container),
  );
  try {
    const text = await beginning(stream);
    const door = parseTold(text);
    if (door) return { ...door, headers, ...(asked.keys ? { keys: parseKeys(text, Date.now()) } : {}), engine: stream };
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
export function parseTold(told: string): Pick<EngineDoor, 'facts' | 'docker'> | undefined {
  const facts = parseFacts(told, {});
  const path = /^docker_path (.+)$/m.exec(told)?.[1];
  const sudo = /^docker_sudo (.+)$/m.exec(told)?.[1];
  if (facts === undefined || path === undefined) return undefined;
  return { facts, docker: { path, ...(sudo === undefined ? {} : { sudo }) } };
}

/** The first bytes that were told beside the conversation; complete when each was spoken of, or the conversation is over. */
function headersBeside(stream: ProgramStream, containers: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  return new Promise((resolve) => {
    let told = '';
    const end = (): void => {
      clearTimeout(limit);
      stream.beside(() => undefined);
      resolve(parseHeaders(told));
    };
    // Whoever waits for it has questions of its own under way, which hold this process up.
    const limit = setTimeout(end, HEADERS_MS).unref();
    stream.once('close', end);
    stream.beside((text) => {
      told += text;
      if (told.length > MOST_TOLD || (containers.every((one) => `\n${told}`.includes(`\nheader ${one} `)) && told.endsWith('\n'))) end();
    });
    if (containers.length === 0) end();
  });
}

/** Pure; a line that is cut off, and an engine that gave nothing, are left out. */
export function parseHeaders(told: string): ReadonlyMap<string, Buffer> {
  return new Map([...told.matchAll(/^header (\S+) (\S+)\n/gm)].map(([, name = '', bytes = '']) => [name, Buffer.from(bytes, 'base64')]));
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
