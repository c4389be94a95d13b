import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { sha256 } from '../../core/digest.ts';
import { Problem } from '../../core/problem.ts';
import { compareVersions, PINNED_OPENCLAW } from '../versions.ts';

/** What npm installs, fixed to the byte: the two files and the digest that names the runtime's folder. */
export type PinnedLock = { readonly manifest: string; readonly lock: string; readonly digest: string };

/** The lock that is shipped for an OpenClaw version. Throws a Problem when there is none or when it pins too little. */
export function pinnedLock(version: string): PinnedLock {
  const manifest = readShipped(version, 'package.json');
  const lock = readShipped(version, 'package-lock.json');
  const faults = lockFaults(parse(lock), version);
  if (faults.length > 0) {
    throw new Problem('openclaw/lock', `the lock of OpenClaw ${version} does not pin everything`, {
      cause: faults.slice(0, 3).join('; '),
      fix: 'install lobsterpot again, its files were changed',
    });
  }
  return { manifest, lock, digest: sha256(lock) };
}

/** The versions that a lock is shipped for, oldest first. */
export function shippedLocks(): readonly string[] {
  return readdirSync(new URL('./lock/', import.meta.url)).toSorted((a, b) => compareVersions(a, b) ?? 0);
}

function readShipped(version: string, name: string): string {
  // The version is part of a path.
  if (/^[0-9.]+$/.test(version)) {
    try {
      return readFileSync(new URL(`./lock/${version}/${name}`, import.meta.url), 'utf8');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  throw new Problem('openclaw/version', `this lobsterpot cannot install OpenClaw ${version}`, {
    cause: `it ships a lock for ${shippedLocks().join(' and ')} alone, and installs nothing without one`,
    fix: `set openclaw: ${PINNED_OPENCLAW} in lobsterpot.yaml`,
  });
}

const ENTRY = z.object({
  version: z.string(),
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  inBundle: z.boolean().optional(),
  link: z.boolean().optional(),
});
const LOCK = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), z.unknown()) });

/** What in a package-lock.json is not pinned by content; empty when every package is. */
export function lockFaults(lock: unknown, version: string): readonly string[] {
  const parsed = LOCK.safeParse(lock);
  if (!parsed.success) return ['it is not a package-lock.json of version 3'];
  const { packages } = parsed.data;
  const entries = Object.entries(packages).filter(([path]) => path !== '');
  const openclaw = ENTRY.safeParse(packages['node_modules/openclaw']);
  const root = openclaw.success && openclaw.data.version === version ? [] : [`openclaw ${version} is not in it`];
  return [...root, ...entries.flatMap(([path, entry]) => entryFault(path, entry, packages))];
}

function entryFault(path: string, value: unknown, packages: Readonly<Record<string, unknown>>): readonly string[] {
  const entry = ENTRY.safeParse(value);
  if (!entry.success) return [`${path} is not a package entry`];
  const { integrity, resolved, inBundle, link } = entry.data;
  if (link === true) return [`${path} is a link`];
  // The registry is the user's choice (npm's own setting); an address in the lock would overrule it.
  if (resolved !== undefined) return [`${path} has a download address`];
  if (integrity !== undefined) return /^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity) ? [] : [`${path} is not pinned by SHA-512`];
  // Comes inside its parent's archive, whose digest covers it.
  const parent = path.slice(0, path.lastIndexOf('/node_modules/'));
  if (inBundle === true && parent !== path && parent in packages) return entryFault(parent, packages[parent], packages);
  return [`${path} has no integrity`];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
