import { plainText } from '../../../core/plain-text.ts';
import { reasonOf } from '../../../core/problem.ts';
import { startChild, type Child, type Exit } from '../../../hosts/spawn.ts';
import type { ServiceState } from '../../runtime.ts';
import { LAYOUT } from '../layout.ts';
import { readSpec } from '../read-spec.ts';
import type { Spec } from '../spec.ts';
import { backoffMs, countFailure } from './backoff.ts';
import { describeExit } from './describe-exit.ts';
import { guardDisk, type DiskGuard } from './disk-guard.ts';
import { answers } from './health.ts';
import { listenUnix } from './listener.ts';
import { LogFile } from './log-file.ts';
import { publish, type Publication } from './publish.ts';

const RUNNING_AFTER_MS = 1500;
const ASK_EVERY_MS = 250;
const CHECK_EVERY_MS = 10_000;
const ASK_AGAIN_MS = 1000;
/** A busy service may miss one. */
const MISSED_CHECKS = 3;
const KILL_WITHIN_MS = 10_000;
/** Whoever has no room left goes on writing in it. */
const HOLD_GRACE_MS = 5000;

/** How a specification becomes a command; the only thing a runner does not decide itself. */
export type Launch = {
  argv(spec: Spec): readonly string[];
  /** After the service has ended for good. */
  cleanUp(name: string): Promise<void>;
};

type Phase = Exclude<ServiceState['state'], 'absent'>;

/** Watches over one service: starts it, knows its health, starts it again after a growing pause, stops it within its grace. */
export class Runner {
  readonly #name: string;
  readonly #launch: Launch;
  readonly #log: LogFile;
  #phase: Phase = 'stopped';
  #since = Date.now();
  #digest: string | undefined;
  #child: Child | undefined;
  #publications: readonly Publication[] = [];
  #again: NodeJS.Timeout | undefined;
  #wanted = false;
  #failures = 0;
  #restarts = 0;
  #healthySince: number | undefined;
  #lastExit: string | undefined;
  #graceMs = 0;
  #network: 'none' | 'outside' = 'none';
  #disk: DiskGuard | undefined;
  #queue: Promise<void> = Promise.resolve();

  constructor(name: string, launch: Launch) {
    this.#name = name;
    this.#launch = launch;
    this.#log = new LogFile(LAYOUT.log(name), LAYOUT.olderLog(name));
  }

  state(): ServiceState {
    const disk = this.#disk?.report();
    const shown = this.#phase === 'healthy' || this.#phase === 'stopped' ? undefined : (disk?.held ?? this.#lastWords());
    return {
      name: this.#name,
      state: this.#phase,
      sinceMs: this.#since,
      restarts: this.#restarts,
      ...(this.#digest === undefined ? {} : { spec: this.#digest }),
      ...(this.#child?.pid === undefined ? {} : { pid: this.#child.pid }),
      ...(shown === undefined ? {} : { lastError: shown }),
      ...(disk === undefined ? {} : { disk }),
    };
  }

  /** Starts or restarts it; done when the process runs, its health follows. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end();
      const { spec, digest } = readSpec('.', this.#name);
      const opened: Publication[] = [];
      this.#publications = opened;
      try {
        for (const { address, port, listener } of spec.service.published) {
          opened.push(await publish(this.#name, address, port, LAYOUT.socket(this.#name, listener)));
        }
        this.#failures = 0;
        this.#restarts = 0;
        this.#digest = digest;
        this.#wanted = true;
        await this.#guard(spec);
        if (this.#isHeld()) this.#enter('unhealthy');
        else await this.#run(spec);
      } catch (error) {
        await this.#end();
        throw error;
      }
    });
  }

  /** Starts it again if it runs with the host's network: what it knows of that network is not true any more. */
  async networkChanged(): Promise<void> {
    if (this.#wanted && this.#network === 'outside') await this.start();
  }

  stop(): Promise<void> {
    return this.#inTurn(() => this.#end());
  }

  /** Measures what its folder holds, and goes on doing so until it is stopped. */
  async #guard(spec: Spec): Promise<void> {
    let begun = false;
    const guard = guardDisk(spec, () => {
      if (begun) void this.#inTurn(() => this.#settle(spec)).catch((error: unknown) => this.#note(error));
    });
    this.#disk = guard;
    await guard?.first;
    begun = true;
  }

  #isHeld(): boolean {
    return this.#disk?.report().held !== undefined;
  }

  /** Ended and left so while there is no room for what it writes; run again when there is. */
  async #settle(spec: Spec): Promise<void> {
    if (!this.#wanted) return;
    if (this.#isHeld()) {
      clearTimeout(this.#again);
      await this.#endChild(Math.min(this.#graceMs, HOLD_GRACE_MS));
      this.#enter('unhealthy');
    } else if (this.#child === undefined) {
      clearTimeout(this.#again);
      this.#restarts += 1;
      await this.#run(spec);
    }
  }

  /** One request at a time; a failed one does not hold up the next. */
  #inTurn(act: () => Promise<void>): Promise<void> {
    const mine = this.#queue.then(act);
    this.#queue = mine.catch(() => undefined);
    return mine;
  }

  async #run(spec: Spec): Promise<void> {
    const { name, listeners: wanted, health } = spec.service;
    this.#log.forget();
    const listeners = await Promise.all(wanted.map((one) => listenUnix(LAYOUT.socket(name, one.name))));
    const child = startChild(
      this.#launch.argv(spec),
      listeners.map((one) => one.fd),
    );
    for (const one of listeners) one.publish();
    this.#child = child;
    this.#graceMs = spec.service.stopGraceMs;
    this.#network = spec.service.network;
    this.#enter('starting');
    const said = health.kind === 'ready-line' ? lineWatcher(health.text, () => this.#becomeHealthy(child)) : undefined;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('error', () => undefined);
      stream.on('data', (chunk: Buffer) => {
        this.#log.write(chunk);
        said?.(chunk);
      });
    }
    void child.exited.then((exit) => this.#ended(child, spec, exit));
    void this.#watch(child, spec);
  }

  async #watch(child: Child, spec: Spec): Promise<void> {
    const { health } = spec.service;
    const end = Date.now() + health.timeoutMs;
    if (health.kind === 'running') await pause(RUNNING_AFTER_MS);
    for (let missed = 0; this.#child === child;) {
      const well = await this.#ask(spec);
      if (this.#child !== child) return;
      missed = well === false ? missed + 1 : 0;
      if (well === true) this.#becomeHealthy(child);
      else if (this.#phase === 'healthy' && missed >= MISSED_CHECKS) this.#enter('unhealthy');
      else if (this.#phase === 'starting' && Date.now() > end) this.#enter('unhealthy');
      await pause(this.#phase === 'starting' ? ASK_EVERY_MS : missed > 0 ? ASK_AGAIN_MS : CHECK_EVERY_MS);
    }
  }

  /** undefined: this kind of health cannot be asked for. */
  async #ask(spec: Spec): Promise<boolean | undefined> {
    const { health, listeners } = spec.service;
    const [first] = listeners;
    switch (health.kind) {
      case 'running':
        return true;
      case 'ready-line':
        return undefined;
      case 'http':
        return first === undefined ? undefined : answers(LAYOUT.socket(this.#name, first.name), health.path);
    }
  }

  #becomeHealthy(child: Child): void {
    if (this.#child !== child || this.#phase === 'healthy') return;
    this.#enter('healthy');
    this.#healthySince = this.#since;
  }

  #ended(child: Child, spec: Spec, exit: Exit): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#lastExit = describeExit(exit);
    if (!this.#wanted) return;
    this.#failures = countFailure(this.#failures, this.#healthySince === undefined ? undefined : Date.now() - this.#healthySince);
    this.#healthySince = undefined;
    this.#enter('backing-off');
    this.#again = setTimeout(() => {
      void this.#inTurn(async () => {
        if (!this.#wanted || this.#child !== undefined) return;
        this.#restarts += 1;
        await this.#run(spec);
      }).catch((error: unknown) => this.#couldNotRun(child, spec, error));
    }, backoffMs(this.#failures));
  }

  #note(error: unknown): void {
    this.#log.write(Buffer.from(`lobsterpot: ${reasonOf(error)}\n`));
  }

  #couldNotRun(child: Child, spec: Spec, error: unknown): void {
    this.#note(error);
    this.#child = child;
    this.#ended(child, spec, { code: undefined, signal: undefined, error: reasonOf(error) });
  }

  async #end(): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#again);
    this.#disk?.[Symbol.dispose]();
    this.#disk = undefined;
    await this.#endChild(this.#graceMs);
    for (const one of this.#publications) one.close();
    this.#publications = [];
    this.#enter('stopped');
  }

  async #endChild(graceMs: number): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child) {
      child.endLifeLine();
      // The launcher itself kills what outlasts the grace; this is for a launcher that is stuck.
      if (!(await within(child.exited, graceMs + 2000))) {
        child.kill();
        await within(child.exited, KILL_WITHIN_MS);
      }
    }
    this.#log.flush();
    this.#healthySince = undefined;
    await this.#launch.cleanUp(this.#name);
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#since = Date.now();
  }

  #lastWords(): string {
    const lines = this.#log.last().slice(-6);
    return plainText([...(this.#child === undefined && this.#lastExit !== undefined ? [this.#lastExit] : []), ...lines].join('\n'), 2000);
  }
}

/** Calls `found` once when a line of the stream holds `text`, also where two chunks meet. */
function lineWatcher(text: string, found: () => void): (chunk: Buffer) => void {
  let tail = '';
  let done = false;
  return (chunk) => {
    if (done) return;
    const seen = tail + chunk.toString('utf8');
    if (seen.includes(text)) {
      done = true;
      found();
    }
    tail = seen.slice(-text.length);
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function within(event: Promise<unknown>, ms: number): Promise<boolean> {
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    limit = setTimeout(() => resolve(false), ms);
  });
  const came = await Promise.race([event.then(() => true), late]);
  clearTimeout(limit);
  return came;
}
