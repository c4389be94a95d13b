import { linkService, nodeService } from '../services/names.ts';
import type { Applied } from './applied.ts';
import { DIFFERENCE } from './change.ts';
import { fileDifference, folderDifference } from './diff.ts';
import type { Observation, SiteObservation } from './observation.ts';

/** Something on a host is not as the last run left it. `asks`: mending it loses something, so `up` asks before. */
export type Drifted = {
  readonly host: string;
  /** A path relative to the deployment's folder, or a service, node, device or link. */
  readonly subject: string;
  readonly what: string;
  /** Present for a file or folder. */
  readonly path?: string;
  readonly mend: 'up' | 'asks';
};

/** Something that could not be looked at: neither changed nor unchanged. */
export type Unchecked = { readonly host: string; readonly subject: string; readonly why: string };

export type Drift = { readonly drifted: readonly Drifted[]; readonly unchecked: readonly Unchecked[] };

/** What somebody, or something, changed behind lobsterpot's back since the last run that went through. Pure. */
export function driftOf(
  applied: Applied,
  seen: Observation,
  /** Hosts that could not be looked at, and why. */
  away: ReadonlyMap<string, string>,
): Drift {
  const hosts = [...new Set(applied.services.map((one) => one.host))];
  const unchecked: Unchecked[] = [];
  const drifted: Drifted[] = [];
  for (const host of hosts) {
    const site = seen.sites.get(host);
    if (!site) unchecked.push({ host, subject: 'host', why: away.get(host) ?? 'it could not be looked at' });
    else {
      drifted.push(...baseDrift(host, site), ...fileDrift(applied, host, site), ...serviceDrift(applied, host, site));
      unchecked.push(...uncompared(host, site));
    }
  }
  for (const one of openclawDrift(applied, seen)) {
    if ('why' in one) unchecked.push(one);
    else drifted.push(one);
  }
  return { drifted, unchecked };
}

function baseDrift(host: string, site: SiteObservation): readonly Drifted[] {
  return site.base
    ? []
    : [{ host, subject: 'base', what: 'what the services are run from (the image, or the installed OpenClaw) is gone', mend: 'up' }];
}

function fileDrift(applied: Applied, host: string, site: SiteObservation): readonly Drifted[] {
  const here = applied.files.filter((one) => one.host === host);
  const changed = here.flatMap((want): readonly Drifted[] => {
    const state = site.files.get(want.path) ?? { kind: 'absent' };
    const difference = want.kind === 'folder' ? folderDifference(want, state) : fileDifference(plain(want), state);
    return difference ? [{ host, subject: want.path, path: want.path, what: DIFFERENCE[difference], mend: 'up' }] : [];
  });
  const known = new Set(here.map((one) => one.path));
  const strays = [...site.files].flatMap(([path, state]): readonly Drifted[] =>
    known.has(path) || state.kind === 'absent' ? [] : [{ host, subject: path, path, what: 'nothing asked for it', mend: 'up' }],
  );
  return [...changed, ...strays];
}

function plain({ mode, owner, sha256 }: Applied['files'][number]): Parameters<typeof fileDifference>[0] {
  return { mode, owner, ...(sha256 === undefined ? {} : { sha256 }) };
}

function serviceDrift(applied: Applied, host: string, site: SiteObservation): readonly Drifted[] {
  const wanted = applied.services.filter((one) => one.host === host);
  const changed = wanted.flatMap((want): readonly Drifted[] => {
    const state = site.services.find((one) => one.name === want.name);
    const told = (what: string): readonly Drifted[] => [{ host, subject: want.name, what, mend: 'up' }];
    if (!state || state.state === 'absent' || state.state === 'stopped') return told('it does not run');
    if (state.drift !== undefined) return told(state.drift);
    if (state.spec !== undefined && want.spec !== undefined && state.spec !== want.spec)
      return told('it was not started from its specification');
    return state.state === 'healthy' || state.state === 'starting' ? [] : told(`it is ${state.state}`);
  });
  const names = new Set(wanted.map((one) => one.name));
  const strays = site.services.flatMap((one): readonly Drifted[] =>
    names.has(one.name) || one.state === 'absent' || one.state === 'stopped'
      ? []
      : [{ host, subject: one.name, what: 'it runs and nothing asked for it', mend: 'up' }],
  );
  return [...changed, ...strays];
}

/** Services whose settings the engine did not tell in a way that could be compared. */
function uncompared(host: string, site: SiteObservation): readonly Unchecked[] {
  return site.services.flatMap(({ name, unchecked }) => (unchecked === undefined ? [] : [{ host, subject: name, why: unchecked }]));
}

function openclawDrift(applied: Applied, seen: Observation): readonly (Drifted | Unchecked)[] {
  const hostOf = (service: string): string => applied.services.find((one) => one.name === service)?.host ?? '';
  const nodes = [...seen.nodes].flatMap(([name, node]): readonly (Drifted | Unchecked)[] => {
    // One that the file names since is the plan's business.
    if (applied.exec[name] === undefined) return [];
    const at = { host: hostOf(nodeService(name)), subject: `node ${name}` };
    switch (node.state) {
      case 'not-enrolled':
        return [{ ...at, what: node.reason, mend: 'up' }];
      case 'unchecked':
        return [{ ...at, why: node.reason }];
      case 'enrolled':
        if (node.execPolicy === 'unchecked') return [{ ...at, why: 'its exec policy could not be read: it is not connected' }];
        return node.execPolicy === 'differs' ? [{ ...at, what: 'its exec policy is not the one that it was given', mend: 'up' }] : [];
    }
  });
  const links = [...seen.links].flatMap(([name, link]): readonly (Drifted | Unchecked)[] => {
    const at = { host: hostOf(linkService(name)), subject: `link ${name}` };
    if (link.state === 'authorised' || applied.exec[name] === undefined) return [];
    return [link.state === 'unchecked' ? { ...at, why: link.reason } : { ...at, what: link.reason, mend: 'up' }];
  });
  const strangers = seen.strangers.map(({ host, gateway, device }): Drifted => ({
    host,
    subject: `device ${device.slice(0, 12)}`,
    what: `somebody paired it with gateway ${gateway}`,
    mend: 'asks',
  }));
  return [...nodes, ...links, ...strangers];
}
