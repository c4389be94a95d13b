import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { z } from 'zod';

import { EXIT } from '../core/exit-code.ts';
import { stableJson } from '../core/json.ts';
import { plainText } from '../core/plain-text.ts';
import { Problem } from '../core/problem.ts';
import type { Engine } from './engine.ts';
import { holderSchema, nameOfUser, type Holder } from './lock.ts';
import type { Site } from './site.ts';

const claimSchema = holderSchema.extend({
  /** Which folder of lobsterpot's, on whichever machine, is at work: a number that it was given once. */
  operator: z.string(),
});

/** Who works on a host's files, as it stands in `.lock` there. */
export type Claim = z.infer<typeof claimSchema>;

const LOCK = '.lock';
const CLAIM = /^\.lock\.[0-9a-f]{12}$/;

/**
 * Takes the lock of each host that has files of its own, so that two machines do not work on one host: a file there that says who,
 * when and why. One that this operator's own earlier run left is taken over (its kernel lock is held here); `onStale` is told.
 * Leaving the scope gives all of them back.
 */
export async function takeHostLocks(
  engine: Engine,
  sites: Iterable<Site>,
  command: string,
  onStale: (host: string, holder: Holder) => void,
): Promise<AsyncDisposable> {
  const operator = await operatorOf(engine);
  const claim: Claim = { pid: process.pid, user: nameOfUser(), host: hostname(), command, since: new Date().toISOString(), operator };
  const stack = new AsyncDisposableStack();
  try {
    for (const site of [...sites].filter((one) => isElsewhere(engine, one))) {
      const stale = await claimHost(site, claim);
      stack.defer(() => releaseIfReached(site));
      if (stale) onStale(site.name, stale);
    }
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
  return stack;
}

/** The same, of those hosts that have the deployment's folder: where nothing was put yet there is nothing to lock. */
export async function takeHostLocksThere(engine: Engine, sites: readonly Site[], command: string): Promise<AsyncDisposable> {
  const elsewhere = sites.filter((site) => isElsewhere(engine, site));
  const states = await Promise.all(elsewhere.map(async (site) => (await site.host.stat([site.root]))[0]));
  const there = elsewhere.filter((_, index) => states[index]?.kind === 'directory');
  return takeHostLocks(engine, there, command, () => undefined);
}

/** Who works on a host now, or did when he was cut off; undefined: nobody. */
export async function claimOn(site: Site, name: string = LOCK): Promise<Claim | 'not understood' | undefined> {
  const content = await site.host.read(join(site.root, name));
  if (!content) return undefined;
  try {
    return claimSchema.parse(JSON.parse(Buffer.from(content).toString('utf8')));
  } catch {
    return 'not understood';
  }
}

/** Takes a host's lock away from whoever has it. */
export async function release(site: Site): Promise<void> {
  await site.host.remove(join(site.root, LOCK));
}

/** Removes the claims that this operator's own runs had written down and not yet made when they were cut off. The caller holds its lock. */
export async function removeOldClaims(engine: Engine, site: Site): Promise<void> {
  if (!isElsewhere(engine, site)) return;
  const operator = await operatorOf(engine);
  for (const name of (await site.host.list(site.root)).filter((one) => CLAIM.test(one))) {
    const claim = await claimOn(site, name);
    if (typeof claim === 'object' && claim.operator === operator) await site.host.remove(join(site.root, name));
  }
}

/** What cannot be taken away, because its host is gone just now, is this operator's own: its next run takes it over. */
async function releaseIfReached(site: Site): Promise<void> {
  await release(site).catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error;
  });
}

/** Files that lie in the operator's own folder are under its own lock already. */
export function isElsewhere(engine: Engine, site: Site): boolean {
  return site.root !== engine.root && !site.root.startsWith(`${engine.root}/`);
}

/** Who it was taken over from. */
async function claimHost(site: Site, claim: Claim): Promise<Claim | undefined> {
  const path = join(site.root, LOCK);
  const mine = `${path}.${randomBytes(6).toString('hex')}`;
  await site.host.write(mine, stableJson(claim), { mode: 0o600 });
  try {
    // A second name for a file is given to one of those who ask at the same time, and to no other.
    if (await site.host.link(mine, path)) return undefined;
    const other = await claimOn(site);
    if (other === undefined || other === 'not understood' || other.operator !== claim.operator) throw held(site.name, other);
    await site.host.rename(mine, path);
    return other;
  } finally {
    await site.host.remove(mine);
  }
}

async function operatorOf({ local, root }: Engine): Promise<string> {
  const path = join(root, 'operator');
  const content = await local.read(path);
  const known = content && Buffer.from(content).toString('utf8').trim();
  if (known !== undefined && /^[0-9a-f]{32}$/.test(known)) return known;
  const fresh = randomBytes(16).toString('hex');
  await local.write(path, `${fresh}\n`, { mode: 0o600 });
  return fresh;
}

function held(host: string, other: Claim | 'not understood' | undefined): Problem {
  const who =
    other === undefined || other === 'not understood'
      ? 'its lock does not say by whom'
      : `"${plainText(other.command, 80)}" of ${plainText(other.user, 40)} on ${plainText(other.host, 80)} (pid ${other.pid}) holds its lock since ${other.since}`;
  return new Problem('converge/host-locked', `another machine's lobsterpot is at work on host ${host}`, {
    cause: who,
    fix: `wait until it is done and run the command again; if it was cut off for good: lobsterpot unlock ${host}`,
    exit: EXIT.locked,
  });
}
