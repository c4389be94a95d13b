import { join } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import type { FileState, Host } from '../../hosts/host.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import { failIfAny, findingOf, unknown } from '../catalogue/judgement.ts';
import type { Judgement } from '../catalogue/judgement.ts';
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
  tries: "reading mode and owner of the operator's folder and of each planned folder of the deployment",
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
export async function checkFileModes(input: ProofInput): Promise<readonly Finding[]> {
  const service = (name: string, ...rest: readonly string[]): string => join(input.root, 'services', name, ...rest);
  const secrets = input.services.flatMap((one) =>
    one.secrets.map(({ file }): Expected => ({
      path: service(one.name, 'secrets', file),
      kind: 'file',
      uid: input.uidOf(one.name),
      mode: 0o600,
    })),
  );
  const folders: readonly Expected[] = input.runtime
    .render(input.services)
    .flatMap(({ kind, path, mode, owner: { uid } }) =>
      kind === 'folder' ? [{ path: join(input.root, path), kind: 'directory', uid, mode }] : [],
    );
  return [
    findingOf(
      SECRET_FILES,
      'deployment',
      await judge(
        [
          [input, secrets],
          [input.store, storedSecrets(input)],
        ],
        'secret files',
      ),
      'set owner and mode right again: lobsterpot up; and make new secrets if others could read these',
    ),
    findingOf(
      STATE_FOLDERS,
      'deployment',
      await judge(
        [
          [input, folders],
          [input.store, storeFolders(input)],
        ],
        'folders',
      ),
      'set owner and mode right again: lobsterpot up',
    ),
  ];
}

/** The operator's own copies. */
function storedSecrets({ store, secrets }: ProofInput): readonly Expected[] {
  if (!store) return [];
  return [...secrets.keys()].map((name) => ({ path: join(store.root, 'secrets', name), kind: 'file', uid: store.uid, mode: 0o600 }));
}

function storeFolders({ store }: ProofInput): readonly Expected[] {
  if (!store) return [];
  return [
    { path: store.root, kind: 'directory', uid: store.uid, mode: 0o711 },
    { path: join(store.root, 'secrets'), kind: 'directory', uid: store.uid, mode: 0o700 },
  ];
}

type At = readonly [place: { readonly host: Pick<Host, 'stat'>; readonly root: string } | undefined, expected: readonly Expected[]];

async function judge(places: readonly At[], what: string): Promise<Judgement> {
  const all = await Promise.all(
    places.map(async ([place, expected]) => {
      if (!place || expected.length === 0) return { wrong: [], count: 0 };
      const wrong = wrongModes(expected, await place.host.stat(expected.map(({ path }) => path)));
      return { wrong: wrong.map((text) => text.replaceAll(`${place.root}/`, '')), count: expected.length };
    }),
  );
  const count = all.reduce((sum, one) => sum + one.count, 0);
  if (count === 0) return unknown(`there are no ${what}`);
  return failIfAny(
    all.flatMap(({ wrong }) => wrong),
    `${count} ${what}`,
  );
}
