import { sha256 } from '../core/digest.ts';
import type { FileState, Owner } from '../hosts/host.ts';
import type { Artifact, ServiceState } from '../runtimes/runtime.ts';
import { gatewayService } from '../services/names.ts';
import type { Service } from '../services/service.ts';
import type { Change, Difference, SecretForm } from './change.ts';
import type { Observation, SiteObservation } from './observation.ts';
import type { Base } from './site.ts';
import { inOrder } from './stages.ts';

/** Everything that should be true, as the file and the records say it. */
export type Desired = {
  /** What each used host runs its services from, in the order of the file. */
  readonly bases: readonly ({
    readonly host: string;
    /** The one before, where the file asks for another one. */
    readonly before?: string;
  } & Pick<Base, 'kind' | 'name'>)[];
  readonly services: readonly Service[];
  readonly artifacts: readonly Artifact[];
  readonly placedSecrets: readonly PlacedSecret[];
  /** Secrets that lobsterpot makes itself when they are absent; `host` is where they are first needed. */
  readonly generatedSecrets: readonly { readonly host: string; readonly secret: string; readonly form: SecretForm }[];
  readonly nodes: readonly { readonly name: string; readonly gateway: string; readonly host: string; readonly service: string }[];
  /** Tunnels: `host` is the gateway's, whose account takes the key of the node's link. */
  readonly links: readonly { readonly host: string; readonly node: string }[];
};

export type PlacedSecret = {
  readonly secret: string;
  readonly host: string;
  readonly service: string;
  readonly path: string;
  readonly owner: Owner;
};

/** The mode of a secret's file: OpenClaw refuses any that others could read. */
export const SECRET_MODE = 0o400;

const NOTHING: SiteObservation = { base: false, files: new Map(), services: [] };

/** What must change, in the order in which it will run. Pure: the same inputs give the same plan, byte for byte. */
export function diff(desired: Desired, seen: Observation): readonly Change[] {
  const hosts = desired.bases.map((base) => ({ base, site: seen.sites.get(base.host) ?? NOTHING }));
  const files = new Map(hosts.map(({ base, site }) => [base.host, fileChanges(desired, site, base.host)]));
  const secrets = new Map(hosts.map(({ base, site }) => [base.host, secretChanges(desired, seen, site, base.host)]));
  const restarts = new Set([...files.values(), ...secrets.values()].flat().flatMap(restarted));
  return inOrder([
    ...hosts.flatMap(({ base, site }) => (site.base ? [] : [baseChange(base)])),
    ...generated(desired, seen),
    ...hosts.flatMap(({ base, site }) => {
      const own = files.get(base.host) ?? [];
      return [
        ...orphans(desired, site, base.host),
        ...own.filter((change) => change.kind === 'make-folder'),
        ...(secrets.get(base.host) ?? []),
        ...own.filter((change) => change.kind !== 'make-folder'),
      ];
    }),
    ...linkChanges(desired, seen),
    ...serviceChanges(desired, seen, restarts),
    ...farewells(desired, seen),
  ]);
}

/** What an earlier file asked for and this one does not; last, because a gateway must run to forget a node. */
function farewells(desired: Desired, seen: Observation): readonly Change[] {
  const used = new Set(desired.bases.map((base) => base.host));
  const [gateway] = desired.services.filter((one) => one.role === 'gateway');
  return [
    ...seen.left.accounts.map(({ host, user }) => ({ kind: 'withdraw-link', host, user }) as const),
    ...seen.left.nodes.map((node) => ({ kind: 'forget-node', host: gateway?.host ?? '', node }) as const),
    ...seen.strangers
      .filter(({ gateway, device }) => !seen.left.devices.has(device) && !isAwaited(desired, seen, gateway))
      .map((one) => ({ kind: 'forget-device', ...one }) as const),
    ...[...seen.sites]
      .filter(([host]) => !used.has(host))
      .flatMap(([host, site]): readonly Change[] => [...secretChanges(desired, seen, site, host), { kind: 'leave-host', host }]),
  ];
}

/** A node whose enrolling was cut off is paired and not on record yet: enrolling it finds it. */
function isAwaited(desired: Desired, seen: Observation, gateway: string): boolean {
  const mine = desired.nodes.filter((one) => one.gateway === gatewayService(gateway));
  return mine.some((one) => (seen.nodes.get(one.name)?.state ?? 'not-enrolled') === 'not-enrolled');
}

/** A service by its place: names are unique on one host. */
function placeOf(one: { readonly host: string; readonly service: string }): string {
  return `${one.host} ${one.service}`;
}

function restarted(change: Change): readonly string[] {
  switch (change.kind) {
    case 'write-file':
      return change.effect === 'restart' ? [placeOf(change)] : [];
    case 'place-secret':
    case 'withdraw-secret':
      return [placeOf(change)];
    case 'make-folder': {
      // What runs goes on in the folder that was removed: nobody finds again what it writes there.
      const service = /^services\/([^/]+)\//.exec(change.path)?.[1];
      const isNew = change.reason === 'missing' || change.reason === 'not-plain';
      return service !== undefined && isNew ? [placeOf({ host: change.host, service })] : [];
    }
    default:
      return [];
  }
}

function baseChange({ host, kind, name }: Desired['bases'][number]): Change {
  switch (kind) {
    case 'install-runtime':
      return { kind, host, version: name };
    case 'pull-image':
      return { kind, host, image: name };
  }
}

function generated(desired: Desired, seen: Observation): readonly Change[] {
  return desired.generatedSecrets
    .filter(({ secret }) => !seen.secrets.has(secret))
    .map((one) => ({ kind: 'generate-secret', ...one }) as const);
}

function orphans(desired: Desired, site: SiteObservation, host: string): readonly Change[] {
  const wanted = new Set(desired.services.filter((one) => one.host === host).map((service) => service.name));
  const running = site.services.filter((one) => one.state !== 'absent' && one.state !== 'stopped').map((one) => one.name);
  // Those that some `up` brought up and none took away.
  const specified = [...site.files].flatMap(([path, state]) => {
    const name = /^services\/([^/]+)\/spec\.json$/.exec(path)?.[1];
    return name !== undefined && state.kind === 'file' ? [name] : [];
  });
  return [...new Set([...specified, ...running])]
    .filter((name) => !wanted.has(name))
    .toSorted()
    .map((service) => ({ kind: 'stop-service', host, service, reason: 'not in the file any more; its state is kept' }) as const);
}

function fileChanges(desired: Desired, site: SiteObservation, of: string): readonly Change[] {
  return desired.artifacts
    .filter((one) => one.host === of)
    .flatMap((artifact): readonly Change[] => {
      const state = site.files.get(artifact.path) ?? { kind: 'absent' };
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

/** How a folder differs from what it should be; undefined: it does not. */
export function folderDifference(want: { readonly mode: number; readonly owner: Owner }, state: FileState): Difference | undefined {
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

/** The same of a plain file; without a digest its content is not compared. */
export function fileDifference(
  want: { readonly mode: number; readonly owner: Owner; readonly sha256?: string },
  state: FileState,
): Difference | undefined {
  switch (state.kind) {
    case 'absent':
      return 'missing';
    case 'directory':
    case 'other':
      return 'not-plain';
    case 'file':
      return want.sha256 === undefined || state.sha256 === want.sha256 ? attributesDifference(want, state) : 'content';
  }
}

function attributesDifference(
  want: { readonly mode: number; readonly owner: Owner },
  state: { readonly mode: number; readonly owner: Owner },
): Difference | undefined {
  if (state.owner.uid !== want.owner.uid || state.owner.gid !== want.owner.gid) return 'owner';
  return state.mode === want.mode ? undefined : 'mode';
}

function secretChanges(desired: Desired, seen: Observation, site: SiteObservation, host: string): readonly Change[] {
  const here = desired.placedSecrets.filter((one) => one.host === host);
  const made = new Set(desired.generatedSecrets.map((one) => one.secret));
  const placed = here.flatMap((want): readonly Change[] => {
    const state = site.files.get(want.path) ?? { kind: 'absent' };
    const digest = seen.secrets.get(want.secret);
    // A secret without a value yet is placed once it was generated: `missing` either way.
    const reason =
      digest === undefined
        ? state.kind === 'absent' || made.has(want.secret)
          ? 'missing'
          : 'content'
        : fileDifference({ mode: SECRET_MODE, owner: want.owner, sha256: digest }, state);
    return reason ? [{ kind: 'place-secret', ...want, reason }] : [];
  });
  const wanted = new Set(here.map((one) => one.path));
  const withdrawn = [...site.files.entries()].flatMap(([path, state]): readonly Change[] => {
    const match = /^services\/([^/]+)\/secrets\/([^/]+)$/.exec(path);
    const [, service, secret] = match ?? [];
    if (service === undefined || secret === undefined || wanted.has(path) || state.kind === 'absent') return [];
    return [{ kind: 'withdraw-secret', host, secret, service, path }];
  });
  return [...placed, ...withdrawn];
}

function linkChanges(desired: Desired, seen: Observation): readonly Change[] {
  return desired.links.flatMap(({ host, node }): readonly Change[] => {
    const state = seen.links.get(node) ?? { state: 'not-authorised', reason: 'never authorised' };
    return state.state === 'not-authorised' ? [{ kind: 'authorise-link', host, node, reason: state.reason }] : [];
  });
}

function serviceChanges(desired: Desired, seen: Observation, restarts: ReadonlySet<string>): readonly Change[] {
  return desired.services.flatMap((service): readonly Change[] => {
    const node = desired.nodes.find((one) => one.service === service.name && one.host === service.host);
    const enrolment = node ? nodeChanges(node, seen) : [];
    const start = startChange(service, desired, seen.sites.get(service.host) ?? NOTHING, restarts);
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

function startChange(service: Service, desired: Desired, site: SiteObservation, restarts: ReadonlySet<string>): Change | undefined {
  const state = site.services.find((one) => one.name === service.name);
  const running = state !== undefined && state.state !== 'absent' && state.state !== 'stopped';
  const reason = running ? restartReason(service, state, desired, site, restarts) : 'not running';
  return reason === undefined ? undefined : { kind: 'start-service', host: service.host, service: service.name, reason, running };
}

function restartReason(
  service: Service,
  state: ServiceState,
  desired: Desired,
  site: SiteObservation,
  restarts: ReadonlySet<string>,
): string | undefined {
  const base = desired.bases.find((one) => one.host === service.host);
  if (restarts.has(placeOf({ host: service.host, service: service.name })))
    return base?.before === undefined ? 'its files changed' : `from ${base.before} to ${base.name}`;
  if (state.drift !== undefined) return state.drift;
  // An `up` that was killed after writing and before restarting left the service on what was there before.
  if (state.spec !== undefined && state.spec !== specDigest(service, desired)) return 'it runs from an older specification';
  const since = state.sinceMs ?? 0;
  const secrets = desired.placedSecrets
    .filter((one) => one.service === service.name && one.host === service.host)
    .map((one) => site.files.get(one.path));
  if (secrets.some((file) => file?.kind === 'file' && file.mtimeMs > since)) return 'a secret was changed after its start';
  return state.state === 'unhealthy' || state.state === 'backing-off' ? `it is ${state.state}` : undefined;
}

function specDigest(service: Service, desired: Desired): string | undefined {
  const spec = desired.artifacts.find((one) => one.host === service.host && one.path === `services/${service.name}/spec.json`);
  return spec?.kind === 'file' ? sha256(spec.content) : undefined;
}
