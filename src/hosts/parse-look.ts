import type { FileState } from './host.ts';
import type { AccountLook, DiskLook, Look, LookRequest, PathLook } from './look.ts';

type Lines = ReadonlyMap<string, readonly string[]>;

/** The lines of the look script -> what was seen. What a line does not tell is left out, never guessed. */
export function parseLook(lines: Lines, asked: LookRequest): Look {
  const all = (key: string): readonly string[] => lines.get(`look_${key}`) ?? [];
  const disks = new Map(all('disk').flatMap(diskOf));
  const places = new Map(all('path').flatMap((line) => pathOf(line, disks)));
  const sshd = all('sshd');
  const power = powerOf(all('pmset'));
  const [vault, login, image] = [all('filevault')[0], all('autologin')[0], imageOf(all('image')[0])];
  const engineDisk = disks.get('engine');
  return {
    paths: new Map(
      asked.paths.flatMap((path, at) => {
        const seen = places.get(String(at));
        return seen ? [[path, seen] as const] : [];
      }),
    ),
    addresses: all('address'),
    users: new Map(
      all('user').flatMap((line) => {
        const [, name = '', uid = ''] = /^([^:]+):(-?\d+)$/.exec(line) ?? [];
        return name === '' ? [] : [[Number(uid), name] as const];
      }),
    ),
    groups: all('groups').flatMap((line) => line.split(/\s+/)),
    accounts: new Map(all('account').flatMap((line) => accountOf(line, places))),
    running: new Set(all('running')),
    ...(sshd.length === 0 ? {} : { sshd: { tcpForwarding: forwardingOf(sshd) } }),
    ...(power ? { power } : {}),
    ...(vault === undefined || !/FileVault is (On|Off)/.test(vault) ? {} : { fileVault: vault.includes('FileVault is On') }),
    ...(login === undefined || login === '' ? {} : { autoLogin: login }),
    ...(engineDisk ? { engineDisk } : {}),
    ...(image === undefined ? {} : { image }),
  };
}

// `0 there drwxr-xr-x+ 1026 100 rwx - /volume1/docker`
function pathOf(line: string, disks: ReadonlyMap<string, DiskLook>): readonly (readonly [string, PathLook])[] {
  const match = /^(\S+) (there|absent|hidden) (\S+) (\d+) (\d+) (\S+) (link|-) (.+)$/.exec(line);
  if (!match) return [];
  const [, key = '', state, shown = '', uid, gid, access = '', link, at = ''] = match;
  const disk = disks.get(key);
  return [
    [
      key,
      {
        state: state === 'there' ? 'there' : state === 'absent' ? 'absent' : 'hidden',
        at,
        kind: shown.startsWith('d') ? 'folder' : shown.startsWith('-') ? 'file' : 'other',
        isLink: link === 'link',
        mode: modeOf(shown),
        owner: { uid: Number(uid), gid: Number(gid) },
        acl: shown[10] === '+',
        access: { read: access.includes('r'), write: access.includes('w'), enter: access.includes('x') },
        ...(disk ? { disk } : {}),
      },
    ],
  ];
}

/** `drwxr-sr-t` -> 0o755: what a mode lets owner, group and others do. */
function modeOf(shown: string): number {
  const bits = shown.slice(1, 10).replaceAll(/[-ST]/g, '0').replaceAll(/[^0]/g, '1');
  return bits.length === 9 ? Number.parseInt(bits, 2) : 0;
}

// `0 /dev/sda1 100000000 50000000 45000000 53% /`; a Mac's device may have spaces in its name.
function diskOf(line: string): readonly (readonly [string, DiskLook])[] {
  const match = /^(\S+) (.+?)\s+\d+\s+-?\d+\s+(-?\d+)\s+(?:\d+%|-)\s+(\/.*)$/.exec(line);
  if (!match) return [];
  const [, key = '', device = '', free, mountedAt = ''] = match;
  return [[key, { device, freeMiB: Math.max(0, Math.floor(Number(free) / 1024)), mountedAt }]];
}

function accountOf(line: string, places: ReadonlyMap<string, PathLook>): readonly (readonly [string, AccountLook])[] {
  const [, name = '', uid, gid, home = ''] = /^(\S+) (\d+) (\d+) (.*)$/.exec(line) ?? [];
  if (name === '' || uid === undefined || gid === undefined) return [];
  const seen = (part: string): PathLook | undefined => places.get(`@${name}/${part}`);
  const place = { home: stateOf(seen('home')), folder: stateOf(seen('folder')), file: stateOf(seen('file')) };
  const isHidden = [seen('home'), seen('folder'), seen('file')].some((one) => one === undefined || one.state === 'hidden');
  return [[name, { owner: { uid: Number(uid), gid: Number(gid) }, home, place, isHidden }]];
}

function stateOf(seen: PathLook | undefined): FileState {
  if (seen === undefined || seen.state !== 'there') return { kind: 'absent' };
  const { mode, owner, kind, isLink } = seen;
  if (isLink || kind === 'other') return { kind: 'other' };
  return kind === 'folder' ? { kind: 'directory', mode, owner } : { kind: 'file', mode, owner, sha256: '', mtimeMs: 0 };
}

// The first value counts, and below a Match it counts for some only; without any, sshd lets it.
function forwardingOf(lines: readonly string[]): string {
  const match = lines.findIndex((line) => /^match\b/i.test(line));
  const general = match < 0 ? lines : lines.slice(0, match);
  return general.map((line) => /^allowtcpforwarding\s+(\S+)/i.exec(line)?.[1]?.toLowerCase()).find((one) => one !== undefined) ?? 'yes';
}

function powerOf(lines: readonly string[]): Look['power'] {
  if (lines.length === 0) return undefined;
  const value = (name: string): string | undefined => lines.map((line) => new RegExp(`^${name}\\s+(\\d+)`).exec(line)?.[1]).find(Boolean);
  const [sleep, restart] = [value('sleep'), value('autorestart')];
  return {
    ...(sleep === undefined ? {} : { sleep: Number(sleep) }),
    ...(restart === undefined ? {} : { autoRestart: restart !== '0' }),
  };
}

function imageOf(line: string | undefined): Look['image'] {
  if (line === 'absent') return 'absent';
  const [, os, arch, id] = /^(\w+) (\w+) (sha256:[0-9a-f]{64})$/.exec(line ?? '') ?? [];
  return os === undefined || arch === undefined || id === undefined ? undefined : { os, arch, id };
}
