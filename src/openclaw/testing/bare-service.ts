import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResult } from '../../hosts/host.ts';
import { until } from '../../core/wait.ts';
import type { InsidePaths } from '../inside-paths.ts';

/** An installed OpenClaw runtime, as two paths. */
export type BareRuntime = { readonly node: string; readonly openclaw: string };

/**
 * Runs the real OpenClaw as a bare process for tests of this room: same folders, files and environment
 * as a contained service, no containment. As root it drops to an unused uid of its own.
 */
export class BareService {
  readonly inside: InsidePaths;
  readonly #runtime: BareRuntime;
  readonly #uid: number | undefined;
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #log = '';

  constructor(options: {
    readonly root: string;
    readonly runtime: BareRuntime;
    readonly uid: number;
    readonly ports: Pick<InsidePaths, 'gatewayPort' | 'linkPort' | 'proxyPort'>;
    readonly env: (inside: InsidePaths) => Readonly<Record<string, string>>;
  }) {
    const { root } = options;
    this.inside = { config: join(root, 'config'), secrets: join(root, 'secrets'), state: join(root, 'state'), ...options.ports };
    this.#runtime = options.runtime;
    this.#uid = process.getuid?.() === 0 ? options.uid : undefined;
    mkdirSync(root, { mode: 0o755, recursive: true });
    chmodSync(root, 0o755);
    mkdirSync(this.inside.config, { mode: 0o755 });
    mkdirSync(this.inside.secrets, { mode: 0o700 });
    for (const folder of [this.inside.state, join(this.inside.state, 'home'), join(root, 'tmp')]) {
      mkdirSync(folder, { mode: 0o700 });
      this.#own(folder);
    }
    this.#own(this.inside.secrets);
    // A temporary folder of its own: OpenClaw keeps locks and logs there per uid.
    this.#env = { PATH: '/usr/bin:/bin', ...options.env(this.inside), TMPDIR: join(root, 'tmp') };
  }

  /** Writes /config/<name>, owned by root when we are root, so that the service cannot change it. */
  config(name: string, content: string): void {
    writeFileSync(join(this.inside.config, name), content, { mode: 0o644 });
  }

  secret(name: string, value: string): void {
    const path = join(this.inside.secrets, name);
    writeFileSync(path, value, { mode: 0o400 });
    this.#own(path);
  }

  log(): string {
    return this.#log;
  }

  start(command: readonly string[]): void {
    const child = this.#spawn(command);
    child.stdin?.end();
    this.#child = child;
    const keep = (chunk: Buffer): void => {
      this.#log += chunk.toString();
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
  }

  running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async said(text: string, timeoutMs: number): Promise<boolean> {
    return (await until(async () => (this.#log.includes(text) ? true : undefined), { timeoutMs, everyMs: 100 })) ?? false;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || !this.running()) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    signalGroup(child, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
    // Its own children (the node's launcher starts one) go with the group.
    signalGroup(child, 'SIGKILL');
  }

  /** OpenClaw's locks lie here whatever TMPDIR says; another user's own are left alone. */
  removeLocks(): void {
    if (this.#uid !== undefined) rmSync(`/tmp/openclaw-state-locks-${this.#uid}`, { recursive: true, force: true });
  }

  /** The same as `Runtime.once`. */
  async once(command: readonly string[], options: { readonly stdin?: string; readonly timeoutMs: number }): Promise<RunResult> {
    const child = this.#spawn(command);
    const out = { stdout: '', stderr: '' };
    child.stdout?.on('data', (chunk: Buffer) => (out.stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (out.stderr += chunk.toString()));
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.stdin ?? '');
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      signalGroup(child, 'SIGKILL');
    }, options.timeoutMs);
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => child.once('close', (...end) => resolve(end)));
    clearTimeout(timer);
    signalGroup(child, 'SIGKILL');
    return { code: code ?? undefined, signal: signal ?? undefined, timedOut, ...out };
  }

  #spawn(command: readonly string[]): ChildProcess {
    const argv = command.map((word) => (word === '{node}' ? this.#runtime.node : word === '{openclaw}' ? this.#runtime.openclaw : word));
    const whole =
      this.#uid === undefined
        ? argv
        : ['/usr/bin/setpriv', `--reuid=${this.#uid}`, `--regid=${this.#uid}`, '--clear-groups', '--', ...argv];
    const [file = '', ...rest] = whole;
    return spawn(file, rest, { env: this.#env, cwd: this.inside.state, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  }

  #own(path: string): void {
    if (this.#uid !== undefined) chownSync(path, this.#uid, this.#uid);
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Gone already.
  }
}
