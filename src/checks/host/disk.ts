import type { Finding } from '../../core/finding.ts';
import type { ServiceState } from '../../runtimes/runtime.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import { fail, failIfAny, findingOf, unknown } from '../catalogue/judgement.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import type { ProofInput } from '../proof-input.ts';
import { lookAtDisk, type DiskLook } from './disk-look.ts';

export const DISK_WATCHED = {
  id: 'host.disk-watched',
  title: 'what a gateway or a node keeps is watched, and is below its limit',
  severity: 'medium',
  from: 'host',
  tries: 'reading the last word of the watch over each state folder, and measuring the folder once more beside it',
  sabotage: 'the limit of a state folder is lifted',
} as const satisfies CheckInfo;

export const DISK_SPACE = {
  id: 'host.disk-space',
  title: "there is room on the deployment's file systems",
  severity: 'high',
  from: 'host',
  tries: "reading what is free on the file system of the deployment's folder and of each state folder: 5 %, or 5 GiB on a large one",
  sabotage: 'the file system of a state folder is almost full',
} as const satisfies CheckInfo;

/** What is free on one file system. */
export type Room = { readonly where: string; readonly freeKiB: number; readonly sizeKiB: number };

const GIB_IN_KIB = 1024 ** 2;
const MOST_NEEDED_KIB = 5 * GIB_IN_KIB;
/** The watch waits twenty times as long as it measured, ten seconds at least; a host may be busy. */
const LATE_MS = 60_000;
const LATE_TIMES = 25;
const DF_MS = 15_000;

/** Both checks, of every service whose state has a limit. */
export async function checkDisk(input: ProofInput): Promise<readonly Finding[]> {
  const watched = input.services.flatMap(({ name, limits: { diskMiB } }) => (diskMiB === undefined ? [] : [{ name, diskMiB }]));
  const [states, root, ...looks] = await Promise.all([
    watched.length === 0 ? [] : input.runtime.observe(),
    roomOf(input),
    ...watched.map(({ name }) => lookAtDisk(input.runtime, name)),
  ]);
  const nowMs = Date.now();
  const rooms = watched.flatMap(({ name }, index) => {
    const look = looks[index];
    return look === undefined || typeof look === 'string' ? [] : [{ where: `the state of ${name}`, ...look }];
  });
  return [
    ...watched.map(({ name, diskMiB }, index) => {
      const state = states.find((one) => one.name === name);
      const judged = judgeWatch({ diskMiB, nowMs, look: looks[index] ?? 'it was not looked at', ...(state ? { state } : {}) });
      return findingOf(
        DISK_WATCHED,
        name,
        judged,
        `make room in its state folder, or set a higher disk for it in lobsterpot.yaml; then: lobsterpot up`,
      );
    }),
    findingOf(DISK_SPACE, 'host', judgeRooms([...root, ...rooms]), 'make room there, then: lobsterpot verify'),
  ];
}

/** Judges one service's watch against what the file allows and what was found. */
export function judgeWatch(of: {
  readonly diskMiB: number;
  readonly nowMs: number;
  readonly state?: ServiceState;
  readonly look: DiskLook | string;
}): Judgement {
  const { state, look, nowMs } = of;
  const limitKiB = of.diskMiB * 1024;
  const report = state?.disk;
  if (report?.held !== undefined) return fail(`it is ended: ${report.held}`);
  if (!report) return unknown('nothing is told of a watch over its folder');
  if (report.limitKiB !== limitKiB) return fail(`its watch allows ${sizeText(report.limitKiB)} and the file ${sizeText(limitKiB)}`);
  if (report.usedKiB === undefined || report.atMs === undefined) return unknown('its watch has not measured yet');
  const ageMs = nowMs - report.atMs;
  if (ageMs > LATE_MS + LATE_TIMES * (report.tookMs ?? 0)) return fail(`its watch last measured ${Math.round(ageMs / 1000)} s ago`);
  if (typeof look === 'string') return unknown(look);
  if (!('usedKiB' in look.usage)) return unknown(`it could not be measured (${'failed' in look.usage ? look.usage.failed : 'no size'})`);
  const { usedKiB } = look.usage;
  if (usedKiB > limitKiB)
    return fail(`it holds ${sizeText(usedKiB)}, its limit is ${sizeText(limitKiB)}, its watch saw ${sizeText(report.usedKiB)}`);
  const by = look.isOwn ? `limited by the host: a file system of its own of ${sizeText(look.sizeKiB)}` : 'limited by the watch alone';
  return { status: 'pass', message: `${sizeText(usedKiB)} of ${sizeText(limitKiB)}, ${by}` };
}

/** Judges what is free. */
export function judgeRooms(rooms: readonly Room[]): Judgement {
  if (rooms.length === 0) return unknown('no file system could be looked at');
  const tight = rooms.filter(({ freeKiB, sizeKiB }) => freeKiB < Math.min(sizeKiB / 20, MOST_NEEDED_KIB));
  const [first] = rooms;
  return failIfAny(
    tight.map(({ where, freeKiB, sizeKiB }) => `${sizeText(freeKiB)} of ${sizeText(sizeKiB)} are free for ${where}`),
    first ? `${sizeText(first.freeKiB)} are free for ${first.where}` : '',
  );
}

/** From a line of `df -Pk`. */
export function parseDf(stdout: string): Omit<Room, 'where'> | undefined {
  const numbers = /\s(\d+)\s+\d+\s+(\d+)\s+\d+%\s/.exec(stdout.trim().split('\n').at(-1) ?? '');
  return numbers ? { sizeKiB: Number(numbers[1]), freeKiB: Number(numbers[2]) } : undefined;
}

async function roomOf({ machine, root }: ProofInput): Promise<readonly Room[]> {
  const ran = await machine.run(['df', '-Pk', root], { timeoutMs: DF_MS });
  const room = ran.code === 0 ? parseDf(ran.stdout) : undefined;
  return room ? [{ where: "the deployment's folder", ...room }] : [];
}

function sizeText(kib: number): string {
  return kib < GIB_IN_KIB ? `${Math.round(kib / 1024)} MiB` : `${Math.round((kib / GIB_IN_KIB) * 10) / 10} GiB`;
}
