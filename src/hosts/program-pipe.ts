import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { Socket } from 'node:net';
import { Duplex, type Readable, type Writable } from 'node:stream';

import { plainText } from '../core/plain-text.ts';
import { Problem } from '../core/problem.ts';

const LAST_WORDS = 4096;
const END_MS = 2000;

/** A program to talk with. */
export type PipeOptions = {
  readonly argv: readonly string[];
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  /** Written before anything else. */
  readonly greeting?: string;
  /** Where the program's own output begins, once that is known; absent: at its first byte. */
  readonly start?: (stdout: Buffer) => number | undefined;
  /** How long that may take; the program is ended then. */
  readonly startMs?: number;
  /** What a program's end means; undefined: it ended well. */
  readonly ended: (exit: { readonly code: number | undefined; readonly stderr: string }) => Promise<Error | undefined>;
  /** Ends what an end of its input does not end; gets what stderr held. */
  readonly stop?: (stderr: string) => Promise<void>;
};

export type ProgramStream = Duplex &
  AsyncDisposable & {
    /** `false`: this process may end while the program still runs, which ends the program's input; until `true`. */
    needed(is: boolean): void;
  };

/** The bytes of a program's input and output; its bad end is the stream's error. Leaving the scope ends the program. */
export function programPipe(options: PipeOptions): ProgramStream {
  return new ProgramPipe(options);
}

class ProgramPipe extends Duplex {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #gone: Promise<void>;
  readonly #stop: (stderr: string) => Promise<void>;
  #stderr = '';
  #before: Buffer | undefined;
  #limit: NodeJS.Timeout | undefined;

  constructor({ argv, cwd = '/', env, greeting, start, startMs, ended, stop }: PipeOptions) {
    super({ allowHalfOpen: true });
    const [program, ...args] = argv;
    if (program === undefined) throw new TypeError('programPipe: empty argv');
    this.#child = spawn(program, args, { cwd, env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#stop = stop ?? (() => Promise.resolve());
    this.#before = start ? Buffer.alloc(0) : undefined;
    if (startMs !== undefined) this.#limit = setTimeout(() => this.#child.kill('SIGTERM'), startMs);
    const { stdin, stdout, stderr } = this.#child;
    // The exit tells why; writing to a program that is gone tells nothing more.
    stdin.on('error', () => undefined);
    if (greeting !== undefined) stdin.write(greeting);
    stdout.on('data', (chunk: Buffer) => this.#take(chunk, start));
    stderr.on('data', (chunk: Buffer) => {
      this.#stderr = keepEnds(this.#stderr + chunk.toString('utf8'));
    });
    this.#gone = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        clearTimeout(this.#limit);
        resolve();
        // `close` may not come for what never began.
        this.destroy(
          new Problem('hosts/pipe', `${program} cannot be started`, {
            cause: error.message,
            fix: `is it installed there? try: ${program}`,
            from: error,
          }),
        );
      });
      this.#child.on('close', (code) => {
        clearTimeout(this.#limit);
        resolve();
        if (this.destroyed) return;
        void ended({ code: code ?? undefined, stderr: this.#stderr }).then(
          (problem) => (problem ? this.destroy(problem) : this.push(null)),
          (error: Error) => this.destroy(error),
        );
      });
    });
  }

  needed(is: boolean): void {
    const { stdin, stdout, stderr } = this.#child;
    for (const one of [this.#child, ...[stdin, stdout, stderr].filter((pipe) => pipe instanceof Socket)]) {
      if (is) one.ref();
      else one.unref();
    }
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const { stdin } = this.#child;
    if (!stdin.writable) return done();
    if (stdin.write(chunk)) return done();
    const go = (): void => {
      stdin.off('drain', go);
      stdin.off('close', go);
      done();
    };
    stdin.on('drain', go);
    stdin.on('close', go);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#child.stdin.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    void this.#end().then(() => done(error));
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    if (!this.destroyed) this.destroy();
    await this.#gone;
  }

  async #end(): Promise<void> {
    const { exitCode, signalCode, stdin } = this.#child;
    if (exitCode !== null || signalCode !== null || this.#child.pid === undefined) return;
    stdin.end();
    this.#child.stdout.resume();
    if (await this.#goneWithin(END_MS)) return;
    await this.#stop(this.#stderr).catch(() => undefined);
    this.#child.kill('SIGTERM');
    if (!(await this.#goneWithin(END_MS))) this.#child.kill('SIGKILL');
  }

  async #goneWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
    const gone = await Promise.race([this.#gone.then(() => true as const), late]);
    clearTimeout(timer);
    return gone;
  }

  #take(chunk: Buffer, start: PipeOptions['start']): void {
    let bytes = chunk;
    if (this.#before && start) {
      this.#before = Buffer.concat([this.#before, chunk]);
      const at = start(this.#before);
      if (at === undefined) return;
      bytes = this.#before.subarray(at);
      this.#before = undefined;
      clearTimeout(this.#limit);
    }
    if (bytes.length > 0 && !this.destroyed && !this.push(bytes)) this.#child.stdout.pause();
  }
}

/** A program at the other end of a pipe that ended badly. */
export function pipeProblem(host: string, what: string, code: number | undefined, stderr: string): Problem {
  return new Problem('hosts/pipe', `${what} on host ${host} ended with exit code ${code ?? 'unknown'}`, {
    cause: plainText(stderr.trim().split('\n').at(-1) ?? '', 500) || 'it said nothing',
    fix: 'see what is wrong with it: lobsterpot status',
  });
}

/** The first words (marks, a process number) and the last ones (why it ended). */
function keepEnds(text: string): string {
  return text.length <= 4 * LAST_WORDS ? text : text.slice(0, LAST_WORDS) + text.slice(-LAST_WORDS);
}
