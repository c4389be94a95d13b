import type { Duplex } from 'node:stream';

import { EXIT } from '../core/exit-code.ts';
import { Problem } from '../core/problem.ts';
import { EACH, FIND_DOCKER } from './facts-script.ts';
import type { HostFacts } from './host.ts';
import { keysScript, parseKeys, type KeysLook, type KeysRequest } from './keys-look.ts';
import { parseFacts } from './parse-facts.ts';
import type { ProgramStream } from './program-pipe.ts';
import { PLAIN_PATH } from './run.ts';

/** What is to be told of a host beside who it is. */
export type DoorRequest = { readonly keys?: KeysRequest };

/** What a plan needs to know of a host beside its engine. */
export type DoorFacts = Pick<HostFacts, 'platform' | 'kernel' | 'uid' | 'gid' | 'user' | 'home' | 'routes'>;

/** A host told who it is, and from then on its engine is spoken with: everything in one round trip. */
export type EngineDoor = {
  readonly facts: DoorFacts;
  /** Absolute paths; `sudo` where the engine's socket is not the user's. */
  readonly docker: { readonly path: string; readonly sudo?: string };
  /** Present when they were asked for. */
  readonly keys?: KeysLook;
  /** The engine's HTTP, as `docker system dial-stdio` carries it. */
  readonly engine: ProgramStream;
};

const OPEN = 'door open\n';
const MOST_TOLD = 1024 ** 2;
/** More than ssh itself may take to reach a host. */
const TELL_MS = 45_000;

// The engine's own socket that the user may not use means sudo, unless the user has docker talk with another engine.
const WHICH = String.raw`pre=
c=$HOME/.docker/config.json
if [ -S /var/run/docker.sock ] && [ ! -w /var/run/docker.sock ] && ! { [ -r "$c" ] && grep -q currentContext "$c"; }; then pre=$su; fi
dial() { exec env -i PATH=${PLAIN_PATH} "HOME=$HOME" ${'$'}{pre:+"$pre" -n} "$d" system dial-stdio; }`;

// Each program that is started costs a small host some milliseconds: `id` and `uname` tell all that they know at once.
const MACHINE = String.raw`i=$(id)
n=${'$'}{i#uid=}; n=${'$'}{n%% gid=*}; g=${'$'}{i#* gid=}
echo "uid ${'$'}{n%%(*}"
echo "gid ${'$'}{g%%[!0-9]*}"
n=${'$'}{n#*(}
printf 'user %s\n' "${'$'}{n%)}"
echo "home $HOME"
set -- $(uname -sr)
echo "system $1"
echo "kernel $2"
if [ -r /proc/net/route ]; then each route </proc/net/route; else netstat -rn -f inet | each bsdroute; fi`;

/** The script whose output begins with lines and goes on as the engine's HTTP; its input is the engine's from there on. */
export function doorScript({ keys }: DoorRequest): string {
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
    'echo door open',
    'wait $dp',
  ].join('\n');
}

/** Reads what the script tells first; undefined: there is no engine to speak with, and the stream is at its end. A host that was not reached is a Problem. */
export async function enterDoor(stream: ProgramStream, asked: DoorRequest): Promise<EngineDoor | undefined> {
  try {
    const text = await beginning(stream);
    const door = parseTold(text);
    if (door) return { ...door, ...(asked.keys ? { keys: parseKeys(text, Date.now()) } : {}), engine: stream };
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
