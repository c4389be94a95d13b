import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../src/core/problem.ts';
import { PLAIN_PATH, run } from '../src/hosts/run.ts';

/** Programs that a lab needs, and the Debian package of each. */
const TOOLS: Readonly<Record<string, string>> = {
  dockerd: 'docker.io',
  iptables: 'iptables',
  nft: 'nftables',
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  sudo: 'sudo',
  mmdebstrap: 'mmdebstrap',
  faketime: 'faketime',
  ip: 'iproute2',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  flock: 'util-linux',
  mount: 'mount',
};

const CAP_NET_ADMIN = 12n;
const CAP_SYS_ADMIN = 21n;

/** Why no lab can be made by this user on this machine; undefined when it can, perhaps after an installation. */
export function labRefused(): string | undefined {
  if (process.platform !== 'linux') return 'the lab needs namespaces of Linux';
  if (process.getuid?.() !== 0) return 'the lab needs root: real engines and a real sshd run in it';
  if (!mayMakeNamespaces(readFileSync('/proc/self/status', 'utf8')))
    return 'this root may not mount or make networks: a container without those rights';
  return missing().length > 0 && !has('apt-get') ? `the lab needs ${missing().join(', ')}` : undefined;
}

/** Whether /proc/self/status shows the rights to mount and to administer networks. */
export function mayMakeNamespaces(status: string): boolean {
  const held = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return [CAP_NET_ADMIN, CAP_SYS_ADMIN].every((right) => ((held >> right) & 1n) === 1n);
}

/** Installs what is missing; a Problem says what could not be had. */
export async function ensurePrograms(): Promise<void> {
  const refused = labRefused();
  if (refused !== undefined)
    throw new Problem('lab/refused', 'no lab can be made here', { cause: refused, fix: 'as root on Debian: npm run lab -- up' });
  const packages = missing();
  if (packages.length === 0) return;
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages];
  const env = { PATH: PLAIN_PATH, DEBIAN_FRONTEND: 'noninteractive', HOME: '/' };
  await run(['apt-get', 'update', '-qq'], { timeoutMs: 120_000, env });
  const ended = await run(install, { timeoutMs: 600_000, env });
  if (missing().length === 0) return;
  throw new Problem('lab/programs', `the lab needs ${missing().join(', ')}`, {
    cause: ended.stderr.trim().split('\n').at(-1) ?? `apt-get ended with ${ended.code}`,
    fix: `as root: ${install.join(' ')}`,
  });
}

function missing(): readonly string[] {
  return [...new Set(Object.entries(TOOLS).flatMap(([tool, name]) => (has(tool) ? [] : [name])))];
}

function has(tool: string): boolean {
  return PLAIN_PATH.split(':').some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
