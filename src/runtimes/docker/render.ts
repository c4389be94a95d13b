import { readFileSync } from 'node:fs';

import { sha256 } from '../../core/digest.ts';
import { canonicalJson } from '../../core/json.ts';
import type { Owner } from '../../hosts/host.ts';
import type { Service } from '../../services/service.ts';
import { identities } from '../process/identity.ts';
import type { Artifact, Place } from '../runtime.ts';
import { composeText, serviceBlock, type ComposedService } from './compose.ts';
import { containerPlan, environmentOf } from './container.ts';
import { launchSpec } from './launch.ts';
import { LAYOUT } from './layout.ts';
import { planNetworks, type PlannedNetwork } from './networks.ts';
import { specText } from './spec.ts';
import type { DockerTarget } from './target.ts';

const ROOT: Owner = { uid: 0, gid: 0 };
/** The name under which files are reported that every service shares. */
const SHARED = 'compose';

/**
 * Everything that must lie in the deployment's folder, in a stable order. Root owns it; a service's group may read its config and
 * secrets folders, its state is its own. Pure.
 */
export function render(services: readonly Service[], place: Place, target: DockerTarget): readonly Artifact[] {
  const host = services[0]?.host ?? 'this-machine';
  const here = new Set(services.map((one) => one.name));
  const networks = planNetworks(services, target.subnet);
  const programs = new Map(
    [LAYOUT.launcher, LAYOUT.answerWatch, LAYOUT.diskWatch, LAYOUT.names].map((path) => [
      path,
      readFileSync(new URL(path, import.meta.url), 'utf8'),
    ]),
  );
  // Always numbers of their own: whoever deploys, the engine starts containers as root.
  const who = identities(
    ROOT,
    place.deployment,
    services.map((one) => one.name),
  );
  const rendered = services.map((from) => {
    // What it comes after may be on another host, which Compose knows nothing of.
    const service = { ...from, after: from.after.filter((name) => here.has(name)) };
    const identity = who.get(service.name);
    if (!identity) throw new TypeError(`no identity for ${service.name}`);
    return renderService(service, identity, { place, target, networks, programs, all: services });
  });
  const compose = composeText(
    place.deployment,
    rendered.map((one) => one.composed),
    networks,
  );
  const shared = { host, service: SHARED, owner: ROOT } as const;
  return [
    // Compose reads its file as whoever may use the engine; there is nothing secret in it.
    { ...shared, kind: 'file', path: LAYOUT.compose, content: compose, mode: 0o644, onChange: 'hot' },
    { ...shared, kind: 'folder', path: LAYOUT.inside, mode: 0o755 },
    ...[...programs].map(([path, content]): Artifact => ({ ...shared, kind: 'file', path, content, mode: 0o644, onChange: 'hot' })),
    { ...shared, kind: 'folder', path: LAYOUT.services, mode: 0o700 },
    ...rendered.flatMap((one) => one.artifacts),
  ];
}

type Around = {
  readonly place: Place;
  readonly target: DockerTarget;
  readonly networks: readonly PlannedNetwork[];
  /** What every container runs of ours, by its path. */
  readonly programs: ReadonlyMap<string, string>;
  readonly all: readonly Service[];
};

function renderService(service: Service, identity: Owner, around: Around): { composed: ComposedService; artifacts: readonly Artifact[] } {
  const { place, target, networks, programs, all } = around;
  const { name, host } = service;
  const plan = containerPlan(service, { identity, place, target, networks });
  const own = service.files.filter((one) => one.hot !== true).map((one) => [one.name, sha256(one.content)]);
  const block = serviceBlock(place.deployment, { service, plan, spec: '' });
  const spec = specText({
    version: 1,
    deployment: place.deployment,
    service: name,
    container: plan,
    launch: launchSpec(service, environmentOf(service, target), all, networks, place.root),
    digest: sha256(canonicalJson([own, block, passwd(identity), ...[...programs.values()].map(sha256)])),
  });
  const readable = { uid: ROOT.uid, gid: identity.gid };
  const folder = (path: string, mode: number, owner: Owner): Artifact => ({ kind: 'folder', host, path, mode, owner, service: name });
  const file = (path: string, content: string, mode: number, owner: Owner, hot: boolean): Artifact => ({
    kind: 'file',
    host,
    path,
    content,
    mode,
    owner,
    service: name,
    onChange: hot ? 'hot' : 'restart',
  });
  return {
    composed: { service, plan, spec: sha256(spec) },
    artifacts: [
      folder(LAYOUT.service(name), 0o700, ROOT),
      folder(LAYOUT.config(name), 0o750, readable),
      folder(LAYOUT.secrets(name), 0o750, readable),
      folder(LAYOUT.state(name), 0o700, identity),
      file(LAYOUT.passwd(name), passwd(identity), 0o644, ROOT, false),
      file(LAYOUT.group(name), group(identity), 0o644, ROOT, false),
      ...plan.dns.map((address) => file(LAYOUT.resolver(name), resolver(address), 0o644, ROOT, false)),
      ...service.files.map((one) => file(`${LAYOUT.config(name)}/${one.name}`, one.content, 0o440, readable, one.hot ?? false)),
      file(LAYOUT.spec(name), spec, 0o440, readable, false),
    ],
  };
}

function passwd({ uid, gid }: Owner): string {
  return `root:x:0:0:root:/:/usr/sbin/nologin\nlobsterpot:x:${uid}:${gid}::/state/home:/usr/sbin/nologin\n`;
}

/** One try: whoever refuses would refuse again. */
function resolver(address: string): string {
  return `nameserver ${address}\noptions timeout:2 attempts:1\n`;
}

function group({ gid }: Owner): string {
  return `root:x:0:\nlobsterpot:x:${gid}:\n`;
}
