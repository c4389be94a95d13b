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
import { listenUnix } from './listener.ts';
import { LogFile } from './log-file.ts';
import { publish, type Publication } from './publish.ts';
import { watchHealth } from './watch-health.ts';

const KILL_WITHIN_MS = 10_000;
/** Whoever has no room left goes on writing in it. */
const HOLD_GRACE_MS = 5000;
/** Whoever answered nobody for so long rarely hears that it shall end. */
const HUNG_GRACE_MS = 5000;

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
  #gaveUp: string | undefined;
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
    const { name, listeners: wanted } = spec.service;
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
    const watch = watchHealth(spec.service, {
      ready: (is) => this.#becomeReady(child, is),
      late: () => {
        if (this.#child === child && this.#phase === 'starting') this.#enter('unhealthy');
      },
      gaveUp: (silentMs) => this.#giveUp(child, silentMs),
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('error', () => undefined);
      stream.on('data', (chunk: Buffer) => {
        this.#log.write(chunk);
        watch.heard(chunk);
      });
    }
    void child.exited.then((exit) => {
      watch.close();
      this.#ended(child, spec, exit);
    });
  }

  #becomeReady(child: Child, is: boolean): void {
    if (this.#child !== child || is === (this.#phase === 'healthy')) return;
    this.#enter(is ? 'healthy' : 'unhealthy');
    if (is) this.#healthySince = this.#since;
  }

  /** Ends what does not answer any more; its end is then what any other is. */
  #giveUp(child: Child, silentMs: number): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#child !== child) return;
      const forSo = `for ${Math.round(silentMs / 1000)} s`;
      this.#note(`it has not answered ${forSo}: it is ended and started again`);
      this.#gaveUp = `it did not answer ${forSo} and was ended`;
      await endOf(child, HUNG_GRACE_MS);
    });
  }

  #ended(child: Child, spec: Spec, exit: Exit): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#lastExit = this.#gaveUp ?? describeExit(exit);
    this.#gaveUp = undefined;
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
    if (child) await endOf(child, graceMs);
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
    const why = this.#child === undefined ? this.#lastExit : this.#healthySince === undefined ? undefined : 'it does not answer any more';
    return plainText([...(why === undefined ? [] : [why]), ...lines].join('\n'), 2000);
  }
}

/** Asks it to end, and ends it after its grace. */
async function endOf(child: Child, graceMs: number): Promise<void> {
  child.endLifeLine();
  // The launcher itself kills what outlasts the grace; this is for a launcher that is stuck.
  if (await within(child.exited, graceMs + 2000)) return;
  child.kill();
  await within(child.exited, KILL_WITHIN_MS);
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
