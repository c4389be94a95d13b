import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fail, say } from './say.mjs';

/** The programs of the system that the end-to-end tests use, and the Debian package of each. */
const TOOLS = {
  unshare: 'util-linux',
  setpriv: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
  perl: 'perl-base',
  ip: 'iproute2',
  openssl: 'openssl',
};

/** Installs missing programs where that is possible without asking (root on Debian), else says what to install. */
export function ensureTools() {
  if (process.platform !== 'linux') return;
  const missing = missingTools();
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((tool) => TOOLS[tool]))];
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() === 0 && isOnPath('apt-get')) {
    say(`installing ${packages.join(', ')} with apt-get`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    for (const args of [['update', '-qq'], command.split(' ').slice(1)]) {
      spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env, timeout: 10 * 60_000 });
    }
  }
  const still = missingTools();
  if (still.length > 0) fail(`the end-to-end tests need ${still.join(', ')}`, 'not found on PATH', `as root: ${command}`);
}

function missingTools() {
  return Object.keys(TOOLS).filter((tool) => !isOnPath(tool));
}

function isOnPath(tool) {
  // An ordinary user's PATH often lacks the sbin folders, where ip and others lie on Debian.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}
