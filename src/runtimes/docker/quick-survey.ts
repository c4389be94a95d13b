import { randomBytes } from 'node:crypto';

import type { FileState } from '../../hosts/host.ts';
import type { EngineApi } from './engine-api.ts';
import { LABELS, projectName } from './layout.ts';
import { neededFor } from './left-containers.ts';
import { logText } from './log-text.ts';
import { parseSeen } from './parse-seen.ts';

const AT = '/deployment';

/**
 * What is run in it: the paths that it is given, each service's specification and each placed secret, as `stat` tells them and, of plain
 * files, their digests. No content, and no link is followed. The last word of each output tells that nothing is missing. Errors stay on
 * theirs: among what a `stat` writes that does so by the buffer they would stand within a line.
 */
export const LOOK = String.raw`cd "$0" || exit
set -- "$@" services services/* services/*/spec.json services/*/secrets services/*/secrets/*
stat -c 'is %f %u %g %Y %y %n' -- "$@"
n=$#
for p; do [ -L "$p" ] || [ ! -f "$p" ] || set -- "$@" "$p"; done
shift $n
[ $# -eq 0 ] || sha256sum -- "$@"
echo seen
echo seen >&2`;

/**
 * Reads what lies in a deployment's folder through the conversation with the engine alone: a container of the services' own image that
 * sees that folder and may write nothing tells it and is removed. All of it is asked in one breath. Throws wherever it cannot be had in
 * full; then the long way reads it.
 */
export async function quickSurvey(
  api: EngineApi,
  of: { readonly deployment: string; readonly root: string; readonly image: string; readonly paths: readonly string[] },
): Promise<ReadonlyMap<string, FileState>> {
  const name = `${projectName(of.deployment)}-look-${randomBytes(4).toString('hex')}`;
  const asked = [
    api.ask('POST', `/containers/create?name=${name}`, lookContainer(of)),
    api.ask('POST', `/containers/${name}/start`),
    // It answers when the container has ended: what follows is all of its output.
    api.ask('POST', `/containers/${name}/wait`),
    api.ask('GET', `/containers/${name}/logs?stdout=1&stderr=1`),
    api.ask('DELETE', `/containers/${name}?force=1&v=1`),
  ];
  const answers = await Promise.all(asked);
  const refused = answers.slice(0, 4).find(({ status }) => status < 200 || status > 299);
  if (refused) throw new Error(`the engine answered ${refused.status}`);
  return parseSeen(logText(answers[3]?.body ?? Buffer.alloc(0)));
}

/** Root with the right to look into every folder and no other, no network, nothing writable. */
function lookContainer({ deployment, root, image, paths }: Parameters<typeof quickSurvey>[1]): object {
  return {
    Image: image,
    Entrypoint: ['/bin/sh', '-c', LOOK, AT, ...namesFor(paths)],
    Cmd: [],
    Env: ['LC_ALL=C'],
    User: '0:0',
    WorkingDir: '/',
    Labels: { [LABELS.deployment]: deployment, ...neededFor(0) },
    Healthcheck: { Test: ['NONE'] },
    NetworkDisabled: true,
    HostConfig: {
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: ['DAC_READ_SEARCH'],
      SecurityOpt: ['no-new-privileges'],
      // Whatever the engine's own is, this one can be read again. No content and no value is in it.
      LogConfig: { Type: 'json-file', Config: {} },
      Mounts: [{ Type: 'bind', Source: root, Target: AT, ReadOnly: true }],
    },
  };
}

/** Each path with the folders that it lies in, but for those that the script finds by itself. Sorted; pure. */
export function namesFor(paths: readonly string[]): readonly string[] {
  const all = paths.flatMap((path) => path.split('/').map((_, depth, parts) => parts.slice(0, depth + 1).join('/')));
  return [...new Set(all)].filter((path) => path !== '' && !FOUND.test(path)).toSorted();
}

const FOUND = /^services(\/[^/.][^/]*(\/(spec\.json|secrets(\/[^/.][^/]*)?))?)?$/;
