import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';

import { sha256 } from '../../core/digest.ts';
import type { FileState } from '../../hosts/host.ts';
import type { EngineApi } from './engine-api.ts';
import { LABELS, LAYOUT, projectName } from './layout.ts';
import { neededFor } from './left-containers.ts';
import { logText, type LogText } from './log-text.ts';
import { LOOK, namesFor } from './look.ts';
import { lastLook, lastTime, parseSeen } from './parse-seen.ts';

const AT = '/deployment';
const LOG = 'stdout=1&stderr=1&timestamps=1';

const standing = z.object({
  Id: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  State: z.object({ Running: z.boolean() }),
  Config: z.object({ Labels: z.nullish(z.record(z.string(), z.string())) }),
});

type Of = { readonly deployment: string; readonly root: string; readonly image: string; readonly paths: readonly string[] };

/**
 * Reads what lies in a deployment's folder through the conversation with the engine alone: a container of the services' own image that
 * sees that folder and may write nothing tells it and ends. Little of it waits for an answer. It stays for the next time, ended: to make
 * and remove it is a sixth of what it costs, and writes to the disk. On a host that no service is planned for, nothing stays. Throws
 * wherever it cannot be had in full; then the long way reads it.
 */
export async function quickSurvey(api: EngineApi, of: Of): Promise<ReadonlyMap<string, FileState>> {
  const kept = `${projectName(of.deployment)}-look`;
  const made = lookContainer(of);
  const stays = of.paths.some((path) => path.startsWith(`${LAYOUT.services}/`));
  const again = stays ? await lookAgain(api, kept, made, mostLines(of)) : undefined;
  return parseSeen(again ?? (await lookAnew(api, kept, made, stays)));
}

/** The container of the last time once more; undefined: there is none, it was made for something else, or another command has it at work. */
async function lookAgain(api: EngineApi, kept: string, made: LookContainer, tail: number): Promise<LogText | undefined> {
  const [there, before] = await Promise.all([
    api.ask('GET', `/containers/${kept}/json`),
    api.ask('GET', `/containers/${kept}/logs?${LOG}&tail=1`),
  ]);
  if (there.status !== 200 || before.status !== 200) return undefined;
  const { Id, State, Config } = standing.parse(JSON.parse(there.body.toString('utf8')));
  // One that somebody keeps running never ends, and what somebody else made under this name is not started.
  if (State.Running || Config.Labels?.[LABELS.look] !== made.Labels[LABELS.look]) return undefined;
  const [start, wait, log] = await Promise.all([
    api.ask('POST', `/containers/${Id}/start`),
    // It answers when the container has ended: what follows is all of its output.
    api.ask('POST', `/containers/${Id}/wait`),
    api.ask('GET', `/containers/${Id}/logs?${LOG}&tail=${tail}`),
  ]);
  if (start.status !== 204 || wait.status !== 200 || log.status !== 200) return undefined;
  // On a full disk the container runs and the engine writes nothing down: what stands there is what it said last time.
  return lastLook(logText(log.body), lastTime(logText(before.body)));
}

/** A new one, which takes the place of the last one, or leaves it empty. */
async function lookAnew(api: EngineApi, kept: string, made: LookContainer, stays: boolean): Promise<LogText> {
  const name = `${kept}-${randomBytes(4).toString('hex')}`;
  const [create, start, wait, log, , rename] = await Promise.all([
    api.ask('POST', `/containers/create?name=${name}`, made),
    api.ask('POST', `/containers/${name}/start`),
    api.ask('POST', `/containers/${name}/wait`),
    api.ask('GET', `/containers/${name}/logs?${LOG}`),
    // Not one that is at work for another command.
    api.ask('DELETE', `/containers/${kept}?v=1`),
    stays ? api.ask('POST', `/containers/${name}/rename?name=${kept}`) : undefined,
  ]);
  const refused = [create, start, wait, log].find((one) => one === undefined || one.status < 200 || one.status > 299);
  const said = refused ? undefined : lastLook(logText(log?.body ?? Buffer.alloc(0)));
  if (rename?.status !== 204) await api.ask('DELETE', `/containers/${name}?force=1&v=1`);
  else if (said === undefined) await api.ask('DELETE', `/containers/${kept}?force=1&v=1`);
  if (said === undefined) throw new Error(`the engine answered ${refused?.status ?? 'with an empty log'}`);
  return said;
}

/** A path is told twice at most; the folders of services that nobody plans any more have room too. */
function mostLines({ paths }: Of): number {
  return 500 + 4 * paths.length;
}

type LookContainer = { readonly Labels: Readonly<Record<string, string>>; readonly [field: string]: unknown };

/** Root with the right to look into every folder and no other, no network, nothing writable. */
function lookContainer({ deployment, root, image, paths }: Of): LookContainer {
  const container = {
    Image: image,
    Entrypoint: ['/bin/sh', '-c', LOOK, AT, ...namesFor(paths)],
    Cmd: [],
    Env: ['LC_ALL=C'],
    User: '0:0',
    WorkingDir: '/',
    Healthcheck: { Test: ['NONE'] },
    NetworkDisabled: true,
    HostConfig: {
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: ['DAC_READ_SEARCH'],
      SecurityOpt: ['no-new-privileges'],
      // Whatever the engine's own is, this one can be read again. No content and no value is in it.
      LogConfig: { Type: 'json-file', Config: { 'max-file': '2', 'max-size': '1m' } },
      Mounts: [{ Type: 'bind', Source: root, Target: AT, ReadOnly: true }],
    },
  };
  return { ...container, Labels: { [LABELS.deployment]: deployment, [LABELS.look]: sha256(JSON.stringify(container)), ...neededFor(0) } };
}
