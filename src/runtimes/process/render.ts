import { sha256 } from '../../core/digest.ts';
import { canonicalJson } from '../../core/json.ts';
import type { Owner } from '../../hosts/host.ts';
import type { Service } from '../../services/service.ts';
import type { Artifact, Place } from '../runtime.ts';
import { directText } from './direct.ts';
import { identities } from './identity.ts';
import { LAYOUT } from './layout.ts';
import { programs } from './programs.ts';
import { specService, specText } from './spec.ts';
import type { Arch } from './syscalls.ts';

/** What rendering needs to know of the machine: who starts the deployment, and for which processor. */
export type RenderFacts = { readonly starter: Owner; readonly platform: 'linux' | 'darwin'; readonly arch: Arch };

/** The name under which files are reported that every service shares. */
const SHARED = 'supervisor';

/**
 * Everything that must lie in the deployment's folder, in a stable order. The state belongs to its service; the rest belongs to the starter,
 * and the service's group may read its config and secrets folders (an ordinary user is both at once).
 */
export function render(services: readonly Service[], place: Place, facts: RenderFacts): readonly Artifact[] {
  const who = identities(
    facts.starter,
    place.deployment,
    services.map((one) => one.name),
  );
  const shared = programs(facts.arch);
  const { folder, file } = makers(services[0]?.host ?? 'this-machine', facts.starter);
  return [
    folder(LAYOUT.services, 0o700),
    folder(LAYOUT.inside, 0o755),
    folder(LAYOUT.mountPoint, 0o755),
    folder(LAYOUT.logs, 0o700),
    folder(LAYOUT.supervisor, 0o700),
    // Each specification holds the digest of these programs, so a change restarts the services by itself.
    ...[...shared].map(([name, content]) => file(`${LAYOUT.inside}/${name}`, content, { mode: 0o644, hot: true })),
    ...services.flatMap((service) => {
      const identity = who.get(service.name);
      if (!identity) throw new TypeError(`no identity for ${service.name}`);
      return renderService(service, identity, { place, facts, shared, folder, file });
    }),
  ];
}

type Tools = ReturnType<typeof makers> & {
  readonly place: Place;
  readonly facts: RenderFacts;
  readonly shared: ReadonlyMap<string, string>;
};

function renderService(service: Service, identity: Owner, tools: Tools): readonly Artifact[] {
  const { place, facts, shared, folder, file } = tools;
  const { name } = service;
  const readable = { uid: facts.starter.uid, gid: identity.gid };
  // Without containment there is no /config or /state: the files say where these really are.
  const content = (text: string): string => (place.containment === 'none' ? directText(text, { ...place, ...service }, place.root) : text);
  const asRoot = facts.starter.uid === 0;
  const spec = specText({
    version: 1,
    deployment: place.deployment,
    containment: place.containment,
    platform: facts.platform,
    arch: facts.arch,
    runtime: place.runtime,
    identity,
    service: specService(service),
    digest: restartDigest(service, shared),
  });
  return [
    folder(LAYOUT.service(name), 0o700, { service: name }),
    folder(LAYOUT.config(name), asRoot ? 0o750 : 0o700, { service: name, owner: readable }),
    folder(LAYOUT.secrets(name), asRoot ? 0o750 : 0o700, { service: name, owner: readable }),
    folder(LAYOUT.state(name), 0o700, { service: name, owner: identity }),
    folder(LAYOUT.run(name), 0o700, { service: name }),
    // The clients' identities pass through the folder's own mode; who gets there at all is decided by what is bound where.
    ...service.listeners.map((one) => folder(LAYOUT.listener(name, one.name), 0o755, { service: name })),
    ...service.files.map((one) =>
      file(`${LAYOUT.config(name)}/${one.name}`, content(one.content), {
        mode: asRoot ? 0o440 : 0o400,
        owner: readable,
        service: name,
        hot: one.hot ?? false,
      }),
    ),
    file(LAYOUT.spec(name), spec, { mode: 0o600, service: name, hot: false }),
  ];
}

function restartDigest(service: Service, shared: ReadonlyMap<string, string>): string {
  const own = service.files.filter((one) => one.hot !== true).map((one) => [one.name, sha256(one.content)]);
  return sha256(canonicalJson([own, [...shared].map(([name, content]) => [name, sha256(content)])]));
}

function makers(host: string, starter: Owner) {
  return {
    folder: (path: string, mode: number, as: { readonly owner?: Owner; readonly service?: string } = {}): Artifact => ({
      kind: 'folder',
      host,
      path,
      mode,
      owner: as.owner ?? starter,
      service: as.service ?? SHARED,
    }),
    file: (
      path: string,
      content: string,
      as: { readonly mode: number; readonly owner?: Owner; readonly service?: string; readonly hot: boolean },
    ): Artifact => ({
      kind: 'file',
      host,
      path,
      content,
      mode: as.mode,
      owner: as.owner ?? starter,
      service: as.service ?? SHARED,
      onChange: as.hot ? 'hot' : 'restart',
    }),
  };
}
