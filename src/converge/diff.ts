import { sha256 } from '../core/digest.ts';
import type { FileState, Owner } from '../hosts/host.ts';
import type { Artifact, ServiceState } from '../runtimes/runtime.ts';
import type { Service } from '../services/service.ts';
import type { Change, Difference } from './change.ts';
import type { Observation } from './observation.ts';

/** Everything that should be true, as the file and the records say it. */
export type Desired = {
  readonly openclaw: string;
  readonly services: readonly Service[];
  readonly artifacts: readonly Artifact[];
  readonly placedSecrets: readonly PlacedSecret[];
  /** Secrets that lobsterpot makes itself when they are absent. */
  readonly generatedSecrets: readonly string[];
  readonly nodes: readonly { readonly name: string; readonly gateway: string; readonly host: string; readonly service: string }[];
};

export type PlacedSecret = { readonly secret: string; readonly service: string; readonly path: string; readonly owner: Owner };

/** The mode of a secret's file: OpenClaw refuses any that others could read. */
export const SECRET_MODE = 0o400;

/** What must change, in the order in which it will run. Pure: the same inputs give the same plan, byte for byte. */
export function diff(desired: Desired, seen: Observation): readonly Change[] {
  const host = desired.services[0]?.host ?? 'this-machine';
  const files = fileChanges(desired.artifacts, seen);
  const secrets = secretChanges(desired, seen, host);
  const restarts = new Set([
    ...files.flatMap((change) => (change.kind === 'write-file' && change.effect === 'restart' ? [change.service] : [])),
    ...secrets.flatMap((change) => (change.kind === 'place-secret' || change.kind === 'withdraw-secret' ? [change.service] : [])),
  ]);
  return [
    ...(seen.runtimeInstalled ? [] : [{ kind: 'install-runtime', host, version: desired.openclaw } as const]),
    ...orphans(desired, seen, host),
    ...files.filter((change) => change.kind === 'make-folder'),
    ...secrets,
    ...files.filter((change) => change.kind !== 'make-folder'),
    ...serviceChanges(desired, seen, restarts),
  ];
}

function orphans(desired: Desired, seen: Observation, host: string): readonly Change[] {
  const wanted = new Set(desired.services.map((service) => service.name));
  const running = new Set(seen.services.filter((one) => one.state !== 'absent' && one.state !== 'stopped').map((one) => one.name));
  return [...new Set([...seen.known, ...running])]
    .filter((name) => !wanted.has(name))
    .toSorted()
    .map((service) => ({ kind: 'stop-service', host, service, reason: 'not in the file any more; its state is kept' }) as const);
}

function fileChanges(artifacts: readonly Artifact[], seen: Observation): readonly Change[] {
  return artifacts.flatMap((artifact): readonly Change[] => {
    const state = seen.files.get(artifact.path) ?? { kind: 'absent' };
    if (artifact.kind === 'folder') {
      const reason = folderDifference(artifact, state);
      const { host, path, mode, owner } = artifact;
      return reason ? [{ kind: 'make-folder', host, path, mode, owner, reason }] : [];
    }
    const reason = fileDifference({ ...artifact, sha256: sha256(artifact.content) }, state);
    const { host, path, service, content, mode, owner, onChange } = artifact;
    return reason ? [{ kind: 'write-file', host, path, service, content, mode, owner, reason, effect: onChange }] : [];
  });
}

function folderDifference(want: { readonly mode: number; readonly owner: Owner }, state: FileState): Difference | undefined {
  switch (state.kind) {
    case 'absent':
      return 'missing';
    case 'file':
    case 'other':
      return 'not-plain';
    case 'directory':
      return attributesDifference(want, state);
  }
}

function fileDifference(
  want: { readonly mode: number; readonly owner: Owner; readonly sha256: string },
  state: FileState,
): Difference | undefined {
  switch (state.kind) {
    case 'absent':
      return 'missing';
    case 'directory':
    case 'other':
      return 'not-plain';
    case 'file':
      return state.sha256 === want.sha256 ? attributesDifference(want, state) : 'content';
  }
}

function attributesDifference(
  want: { readonly mode: number; readonly owner: Owner },
  state: { readonly mode: number; readonly owner: Owner },
): Difference | undefined {
  if (state.owner.uid !== want.owner.uid || state.owner.gid !== want.owner.gid) return 'owner';
  return state.mode === want.mode ? undefined : 'mode';
}

function secretChanges(desired: Desired, seen: Observation, host: string): readonly Change[] {
  const generated = desired.generatedSecrets
    .filter((secret) => !seen.secrets.has(secret))
    .map((secret) => ({ kind: 'generate-secret', host, secret }) as const);
  const placed = desired.placedSecrets.flatMap((want): readonly Change[] => {
    const state = seen.files.get(want.path) ?? { kind: 'absent' };
    const digest = seen.secrets.get(want.secret);
    // A secret without a value yet is placed once it was generated: `missing` either way.
    const reason =
      digest === undefined
        ? state.kind === 'absent' || desired.generatedSecrets.includes(want.secret)
          ? 'missing'
          : 'content'
        : fileDifference({ mode: SECRET_MODE, owner: want.owner, sha256: digest }, state);
    return reason ? [{ kind: 'place-secret', host, ...want, reason }] : [];
  });
  const wanted = new Set(desired.placedSecrets.map((one) => one.path));
  const withdrawn = [...seen.files.entries()].flatMap(([path, state]): readonly Change[] => {
    const match = /^services\/([^/]+)\/secrets\/([^/]+)$/.exec(path);
    const [, service, secret] = match ?? [];
    if (service === undefined || secret === undefined || wanted.has(path) || state.kind === 'absent') return [];
    return [{ kind: 'withdraw-secret', host, secret, service, path }];
  });
  return [...generated, ...placed, ...withdrawn];
}

function serviceChanges(desired: Desired, seen: Observation, restarts: ReadonlySet<string>): readonly Change[] {
  return desired.services.flatMap((service): readonly Change[] => {
    const node = desired.nodes.find((one) => one.service === service.name);
    const enrolment = node ? nodeChanges(node, seen) : [];
    const start = startChange(service, desired, seen, restarts);
    return [...enrolment, ...(start ? [start] : [])];
  });
}

function nodeChanges(node: Desired['nodes'][number], seen: Observation): readonly Change[] {
  const state = seen.nodes.get(node.name) ?? { state: 'not-enrolled', reason: 'never enrolled' };
  const { host, name, gateway } = node;
  switch (state.state) {
    case 'not-enrolled':
      return [{ kind: 'enrol-node', host, node: name, gateway, reason: state.reason }];
    case 'enrolled':
      return state.execPolicy === 'differs' ? [{ kind: 'set-exec-policy', host, node: name, reason: 'differs from the file' }] : [];
    case 'unchecked':
      return [];
  }
}

function startChange(service: Service, desired: Desired, seen: Observation, restarts: ReadonlySet<string>): Change | undefined {
  const state = seen.services.find((one) => one.name === service.name);
  const running = state !== undefined && state.state !== 'absent' && state.state !== 'stopped';
  const reason = running ? restartReason(service, state, desired, seen, restarts) : 'not running';
  return reason === undefined ? undefined : { kind: 'start-service', host: service.host, service: service.name, reason, running };
}

function restartReason(
  service: Service,
  state: ServiceState,
  desired: Desired,
  seen: Observation,
  restarts: ReadonlySet<string>,
): string | undefined {
  if (restarts.has(service.name)) return 'its files changed';
  // An `up` that was killed after writing and before restarting left the service on what was there before.
  if (state.spec !== undefined && state.spec !== specDigest(service, desired)) return 'it runs from an older specification';
  const since = state.sinceMs ?? 0;
  const secrets = desired.placedSecrets.filter((one) => one.service === service.name).map((one) => seen.files.get(one.path));
  if (secrets.some((file) => file?.kind === 'file' && file.mtimeMs > since)) return 'a secret was changed after its start';
  return state.state === 'unhealthy' || state.state === 'backing-off' ? `it is ${state.state}` : undefined;
}

function specDigest(service: Service, desired: Desired): string | undefined {
  const spec = desired.artifacts.find((one) => one.path === `services/${service.name}/spec.json`);
  return spec?.kind === 'file' ? sha256(spec.content) : undefined;
}
