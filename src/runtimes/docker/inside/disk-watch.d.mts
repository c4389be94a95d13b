import type { StatsFs } from 'node:fs';

/** What a watch knows of a folder. */
export type DiskState = {
  readonly place: string;
  readonly limitKiB: number;
  readonly usedKiB?: number;
  /** When `usedKiB` was true. */
  readonly atMs?: number;
  /** How long measuring it took. */
  readonly tookMs?: number;
  readonly freeKiB?: number;
  readonly sizeKiB?: number;
  readonly fewFiles?: boolean;
  /** Measurements that failed since the last one that did not, and why. */
  readonly failures: number;
  readonly failed?: string;
  /** Why the service must not run; absent: it may. */
  readonly held?: string;
  /** Since when it is held, or may run again. */
  readonly sinceMs?: number;
  /** How often it was held without a long good run in between. */
  readonly holds: number;
};

export type DiskReading =
  | { readonly usedKiB: number; readonly tookMs?: number }
  | { readonly freeKiB: number; readonly sizeKiB: number; readonly fewFiles: boolean }
  | { readonly failed: string };

export type Measured = { readonly stdout: string; readonly stderr: string; readonly timedOut: boolean };

export type DiskWatch = { readonly first: Promise<unknown>; state(): DiskState; close(): void };

export declare const MEASURE: readonly string[];
export declare const MEASURE_ENV: Readonly<Record<string, string>>;
export declare const MEASURE_MS: number;
export declare function readMeasure(measured: Measured): DiskReading;
export declare function readRoom(stats: Pick<StatsFs, 'bsize' | 'blocks' | 'bavail' | 'files' | 'ffree'>): DiskReading;
export declare function leastFreeKiB(sizeKiB: number): number;
export declare function unmeasured(limitMiB: number, place: string): DiskState;
export declare function judge(before: DiskState, reading: DiskReading, nowMs: number): DiskState;
export declare function watchDisk(of: {
  readonly limitMiB: number;
  readonly place: string;
  readonly measure: () => Promise<Measured>;
  readonly room: () => Promise<Pick<StatsFs, 'bsize' | 'blocks' | 'bavail' | 'files' | 'ffree'>>;
  readonly changed: () => void;
  readonly told?: (state: DiskState) => void;
  readonly everyMs?: number;
}): DiskWatch;
export declare function measureFolder(folder: string): Promise<Measured>;
export declare function tellDisk(path: string, state: DiskState): void;
export declare function endEverything(child: { kill(signal: 'SIGKILL'): unknown }): void;
