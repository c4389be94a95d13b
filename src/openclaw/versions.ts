/** One public advisory about OpenClaw. */
export type Advisory = { readonly id: string; readonly fixedIn: string; readonly about?: string };

/** When the list below was last read against the public records. */
export const ADVISORIES_READ = '2026-11-22';

/** Oldest version that is not refused. */
export const VERSION_FLOOR = '2026.6.5';

/** The version that this lobsterpot ships a lock for and is tested with. */
export const PINNED_OPENCLAW = '2026.9.6';

/** Advisories by the version that fixed them, oldest first. */
export const ADVISORIES: readonly Advisory[] = [
  { id: 'CVE-2026-25593', fixedIn: '2026.1.20' },
  { id: 'CVE-2026-25253', fixedIn: '2026.1.29', about: 'a link steals the gateway token' },
  { id: 'CVE-2026-28472', fixedIn: '2026.2.2' },
  { id: 'CVE-2026-28466', fixedIn: '2026.2.14' },
  { id: 'CVE-2026-28363', fixedIn: '2026.2.23' },
  { id: 'CVE-2026-32065', fixedIn: '2026.2.25' },
  { id: 'CVE-2026-29608', fixedIn: '2026.3.2' },
  { id: 'CVE-2026-27646', fixedIn: '2026.3.7' },
  { id: 'GHSA-4jpw-hj22-2xmc', fixedIn: '2026.3.11' },
  { id: 'GHSA-rqpp-rjj8-7wv8', fixedIn: '2026.3.12' },
  { id: 'CVE-2026-43581', fixedIn: '2026.4.10' },
  { id: 'CVE-2026-45001', fixedIn: '2026.4.20' },
  { id: 'CVE-2026-53833', fixedIn: '2026.4.29' },
  { id: 'CVE-2026-62228', fixedIn: '2026.6.5', about: 'exec approvals of nodes can be passed by' },
];

/** `refuse`: has a known hole or is unreadable. `warn`: not the version lobsterpot was tested with. */
export type VersionAdvice =
  | { readonly verdict: 'ok' }
  | { readonly verdict: 'warn'; readonly message: string; readonly fix: string }
  | { readonly verdict: 'refuse'; readonly message: string; readonly fix: string; readonly advisories: readonly Advisory[] };

/** Judges an OpenClaw version by the advisories above; anything that is not a plain release is refused. */
export function adviseVersion(version: string): VersionAdvice {
  const fix = `set openclaw: ${PINNED_OPENCLAW} in lobsterpot.yaml`;
  const parsed = parse(version);
  if (!parsed) return { verdict: 'refuse', message: `${JSON.stringify(version)} is not a released OpenClaw version`, fix, advisories: [] };
  const advisories = ADVISORIES.filter((one) => isOlder(parsed, one.fixedIn));
  if (advisories.length > 0 || isOlder(parsed, VERSION_FLOOR)) {
    const ids = advisories.map((one) => one.id).join(', ');
    return { verdict: 'refuse', message: `OpenClaw ${version} has known holes: ${ids} (list of ${ADVISORIES_READ})`, fix, advisories };
  }
  if (version === PINNED_OPENCLAW) return { verdict: 'ok' };
  return { verdict: 'warn', message: `OpenClaw ${version} was not tested with this lobsterpot`, fix };
}

/** Negative, zero or positive, as for sorting; undefined when one of them is not a release (`2026.9.6`). */
export function compareVersions(a: string, b: string): number | undefined {
  const [left, right] = [parse(a), parse(b)];
  if (!left || !right) return undefined;
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

type Version = readonly [number, number, number];

function parse(text: string): Version | undefined {
  const match = /^(20\d{2})\.(\d{1,2})\.(\d{1,3})$/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

function isOlder(version: Version, than: string): boolean {
  return (compareVersions(version.join('.'), than) ?? -1) < 0;
}
