import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import type { Host, RunResult } from '../../hosts/host.ts';
import type { EngineApi } from './engine-api.ts';

/** How the engine of one host is called: the first words of docker and compose there, and their environment. */
export type DockerEngine = {
  readonly host: Host;
  readonly docker: readonly string[];
  readonly compose: readonly string[] | (() => Promise<readonly string[]>);
  readonly env?: Readonly<Record<string, string>>;
  /** The engine's own HTTP, for as long as it is open. */
  readonly quick?: { readonly api: EngineApi };
};

type Call = { readonly timeoutMs: number; readonly stdin?: string };

/** Of a question that the engine answers from memory. */
export const ASK_MS = 30_000;

/** Runs one docker command; its exit code is data. */
export function callDocker(engine: DockerEngine, args: readonly string[], call: Call): Promise<RunResult> {
  return engine.host.run([...engine.docker, ...args], withEnv(engine, call));
}

/** Runs one docker command that must succeed and gives its output; `what` completes "cannot ...". */
export async function mustDocker(engine: DockerEngine, args: readonly string[], what: string, call: Call): Promise<string> {
  return succeeded(engine, await callDocker(engine, args, call), what);
}

/** Runs one compose command that must succeed. */
export async function mustCompose(engine: DockerEngine, args: readonly string[], what: string, call: Call): Promise<string> {
  const compose = typeof engine.compose === 'function' ? await engine.compose() : engine.compose;
  return succeeded(engine, await engine.host.run([...compose, ...args], withEnv(engine, call)), what);
}

/** The Problem of a command that ended badly, with its last words. */
export function dockerProblem(engine: DockerEngine, what: string, result: RunResult): Problem {
  const words = plainText(
    result.stderr
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .slice(-4)
      .join(' / '),
    800,
  );
  const cause = result.timedOut
    ? 'docker did not answer in time'
    : words === ''
      ? `docker ended with ${result.code ?? result.signal}`
      : words;
  return new Problem('docker/command', `cannot ${what} on host ${engine.host.name}`, {
    cause,
    fix: adviceFor(cause),
  });
}

const ADVICE: ReadonlyArray<readonly [RegExp, string]> = [
  [/no space left on device/i, 'free some space there (docker system df ; df -h), then run: lobsterpot up'],
  [
    /pool overlaps|overlaps with other one|no available.*pool/i,
    'set subnet of that host to a private network that nothing there uses in lobsterpot.yaml, then run: lobsterpot up',
  ],
  [
    /port is already allocated|address already in use/i,
    'stop what uses that port there, or set another port in lobsterpot.yaml, then run: lobsterpot up',
  ],
  [/cannot assign requested address/i, 'set bind to an address that the host has in lobsterpot.yaml, then run: lobsterpot up'],
  [/NanoCPUs can not be set|kernel does not support cpu/i, 'run again: lobsterpot up, which reads anew what the kernel there can limit'],
  [/cannot connect to the docker daemon/i, 'start docker there, then run: lobsterpot up'],
];

function adviceFor(cause: string): string {
  return (
    ADVICE.find(([pattern]) => pattern.test(cause))?.[1] ?? 'look at docker there (docker info ; docker ps -a), then run: lobsterpot up'
  );
}

function succeeded(engine: DockerEngine, result: RunResult, what: string): string {
  if (result.code === 0 && !result.timedOut) return result.stdout;
  throw dockerProblem(engine, what, result);
}

function withEnv({ env }: DockerEngine, call: Call): Parameters<Host['run']>[1] {
  return { ...call, ...(env === undefined ? {} : { env }) };
}
