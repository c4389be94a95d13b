import { join } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import type { FileState } from '../../hosts/host.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import { failIfAny, findingOf, unknown } from '../catalogue/judgement.ts';
import type { ProofInput } from '../proof-input.ts';

export const SECRET_FILES = {
  id: 'secrets.files',
  title: 'every file of a secret is readable by its owner alone',
  severity: 'critical',
  from: 'host',
  tries: "reading kind, mode and owner of each secret in the operator's store and of each service's copy",
  sabotage: 'a secret is made readable for all',
} as const satisfies CheckInfo;

export const STATE_FOLDERS = {
  id: 'host.state-folders',
  title: "the deployment's folders are closed to other users",
  severity: 'high',
  from: 'host',
  tries: "reading mode and owner of the deployment's folder and of each service's state",
  sabotage: 'the state folder is opened to all',
} as const satisfies CheckInfo;

/** A file or folder and who may have it. */
export type Expected = { readonly path: string; readonly kind: 'file' | 'directory'; readonly uid: number; readonly mode: number };

/** Judges files and folders against what they must be; a mode may be stricter, never looser. */
export function wrongModes(expected: readonly Expected[], states: readonly (FileState | undefined)[]): readonly string[] {
  return expected.flatMap((want, index) => {
    const state = states[index];
    if (!state || state.kind === 'absent') return [`${want.path} is absent`];
    if (state.kind !== want.kind) return [`${want.path} is not a ${want.kind === 'file' ? 'plain file' : 'folder'}`];
    const mode = state.mode & 0o7777;
    return [
      ...((mode & ~want.mode) === 0
        ? []
        : [`${want.path} has mode ${mode.toString(8).padStart(4, '0')} and not ${want.mode.toString(8).padStart(4, '0')}`]),
      ...(state.owner.uid === want.uid ? [] : [`${want.path} belongs to uid ${state.owner.uid} and not ${want.uid}`]),
    ];
  });
}

/** The two checks on a running deployment. */
export async function checkFileModes(input: ProofInput, operatorUid: number): Promise<readonly Finding[]> {
  const service = (name: string, ...rest: readonly string[]): string => join(input.root, 'services', name, ...rest);
  const secrets: readonly Expected[] = [
    ...[...input.secrets.keys()].map(
      (name) => ({ path: join(input.root, 'secrets', name), kind: 'file', uid: operatorUid, mode: 0o600 }) as const,
    ),
    ...input.services.flatMap((one) =>
      one.secrets.map(
        ({ file }) => ({ path: service(one.name, 'secrets', file), kind: 'file', uid: input.uidOf(one.name), mode: 0o600 }) as const,
      ),
    ),
  ];
  const folders: readonly Expected[] = [
    { path: input.root, kind: 'directory', uid: operatorUid, mode: 0o711 },
    { path: join(input.root, 'secrets'), kind: 'directory', uid: operatorUid, mode: 0o700 },
    ...input.services.map(
      (one) => ({ path: service(one.name, 'state'), kind: 'directory', uid: input.uidOf(one.name), mode: 0o700 }) as const,
    ),
  ];
  return [
    findingOf(
      SECRET_FILES,
      'deployment',
      await judge(input, secrets, 'secret files'),
      'set owner and mode right again: lobsterpot up; and make new secrets if others could read these',
    ),
    findingOf(STATE_FOLDERS, 'deployment', await judge(input, folders, 'folders'), 'set owner and mode right again: lobsterpot up'),
  ];
}

async function judge(input: ProofInput, expected: readonly Expected[], what: string): Promise<ReturnType<typeof unknown>> {
  if (expected.length === 0) return unknown(`there are no ${what}`);
  const wrong = wrongModes(expected, await input.host.stat(expected.map(({ path }) => path)));
  return failIfAny(
    wrong.map((text) => text.replaceAll(`${input.root}/`, '')),
    `${expected.length} ${what}`,
  );
}
