import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { capture } from './capture.mjs';
import { fail, say, seconds } from './say.mjs';

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

/** What some tests use and are skipped without: too big to ask an ordinary user for. */
const BROWSER = { chromium: 'chromium' };

/** The other end of what is tried over ssh: not every machine has one, nor wants one. */
const SSH_SERVER = { sshd: 'openssh-server', ssh: 'openssh-client', 'ssh-keygen': 'openssh-client' };

/** The engines of the lab's hosts, and what makes their image. */
const CONTAINERS = {
  dockerd: 'docker.io',
  'docker-compose': 'docker-compose',
  iptables: 'iptables',
  nft: 'nftables',
  mmdebstrap: 'mmdebstrap',
  sudo: 'sudo',
  busybox: 'busybox',
  faketime: 'faketime',
};

const LIMIT_MS = 15 * 60_000;

/**
 * Installs missing programs where that is possible without asking (root on Debian), else says what to install.
 * `browser`: a Chromium too, if it can be had.
 */
export async function ensureTools({ browser = false } = {}) {
  if (process.platform !== 'linux') return;
  await install(missing({ ...TOOLS, ...SSH_SERVER, ...CONTAINERS, ...(browser ? BROWSER : {}) }));
  const needed = missing(TOOLS);
  if (needed.length > 0) {
    fail(
      `the end-to-end tests need ${needed.map(([tool]) => tool).join(', ')}`,
      'not found on PATH',
      `as root: apt-get ${installArgs(needed).join(' ')}`,
    );
  }
}

async function install(tools) {
  if (tools.length === 0 || process.getuid?.() !== 0 || !isOnPath('apt-get')) return;
  const began = performance.now();
  say(`installing ${packagesOf(tools).join(', ')} with apt-get`);
  const progress = setInterval(() => say(`still installing, ${seconds(began)}`), 15_000);
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    for (const args of [['update', '-qq'], installArgs(tools)]) {
      const { ok, stderr } = await capture('apt-get', args, { limitMs: LIMIT_MS, env });
      if (!ok) say(`apt-get ${args[0]}: ${stderr.trim().split('\n').at(-1)}`);
    }
  } finally {
    clearInterval(progress);
  }
}

/** The programs that are not there, each with its package. */
function missing(tools) {
  return Object.entries(tools).filter(([tool]) => !isOnPath(tool));
}

function packagesOf(tools) {
  return [...new Set(tools.map(([, name]) => name))];
}

function installArgs(tools) {
  return ['install', '-y', '--no-install-recommends', ...packagesOf(tools)];
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
