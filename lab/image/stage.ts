import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { must } from '../inside/act.ts';
import { IMAGE_FILES, IMAGE_MODULES, PACKAGES, SUITE } from './recipe.ts';

const NODE_UID = 1000;

/** Makes the small Debian of the image in `folder`, which must be empty; OpenClaw and Node are not in it. */
export async function stageBase(folder: string, scratch: string): Promise<void> {
  const tar = join(scratch, 'base.tar');
  await must(['mmdebstrap', '--quiet', '--variant=extract', MERGED_USR, `--include=${PACKAGES.join(',')}`, SUITE, tar]);
  await must(['tar', '-x', '-f', tar, '-C', folder, '--exclude=./dev/*', '--exclude=./usr/share/doc/*', '--exclude=./usr/share/man/*']);
  await linkBusybox(folder);
  for (const [path, text] of Object.entries(IMAGE_FILES)) write(join(folder, path), text);
  const certificates = join(folder, 'usr/share/ca-certificates/mozilla');
  const bundle = readdirSync(certificates)
    .toSorted()
    .map((name) => readFileSync(join(certificates, name), 'utf8'));
  write(join(folder, 'etc/ssl/certs/ca-certificates.crt'), bundle.join(''));
  for (const home of ['home/node', 'home/node/.openclaw']) {
    mkdirSync(join(folder, home), { recursive: true });
    chownSync(join(folder, home), NODE_UID, NODE_UID);
  }
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  chmodSync(join(folder, 'tmp'), 0o1777);
  symlinkSync(`/${IMAGE_MODULES}/openclaw`, join(folder, 'app'));
  mkdirSync(join(folder, 'usr/local/bin'), { recursive: true });
  symlinkSync('/app/openclaw.mjs', join(folder, 'usr/local/bin/openclaw'));
}

// As on every Debian of today, /bin is /usr/bin: policies and scripts name either.
const MERGED_USR = '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr';

async function linkBusybox(folder: string): Promise<void> {
  const tools = (await must([join(folder, 'usr/bin/busybox'), '--list'])).split('\n').filter((name) => name !== '' && name !== 'busybox');
  for (const tool of tools) {
    const path = join(folder, 'usr/bin', tool);
    if (!existsSync(path)) symlinkSync('busybox', path);
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o644);
}
