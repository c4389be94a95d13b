import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Lab } from '../../lab/lab.ts';
import { IMAGE } from '../../lab/image/recipe.ts';

const NAME = 'lobsterpot-lab/openclaw-squid:1';
const COMMIT_MS = 60_000;

/** The lab's image with a Squid in it, on the lab's Mac; its name. What a Dockerfile does where there is a registry. */
export async function imageWithSquid(lab: Lab, squid: string): Promise<string> {
  const folder = mkdtempSync(join(lab.mac.root, 'tmp/squid-'));
  const put = (from: string, to: string): void => {
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    copyFileSync(from, join(folder, to));
  };
  const docker = async (...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await lab.mac.run(['docker', ...args], { timeoutMs: COMMIT_MS });
    if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  };
  try {
    put(squid, 'usr/sbin/squid');
    // As in Debian's own images; the lab's has busybox, which does not know by Squid's name for it that it is a shell.
    put('/bin/dash', 'usr/bin/sh');
    for (const path of ['/usr/share/squid/mime.conf', '/usr/lib/squid/unlinkd']) put(path, path);
    for (const path of librariesOf(squid)) put(path, path);
    mkdirSync(join(folder, 'usr/share/squid/icons'));
    execFileSync('chmod', ['-R', 'a+rX', folder]);
    await docker('create', '--name=with-squid', IMAGE);
    await docker('cp', `${folder.slice(lab.mac.root.length)}/.`, 'with-squid:/');
    await docker('commit', 'with-squid', NAME);
    await docker('rm', 'with-squid');
    return NAME;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where they really lie: `/lib` is a link in the image too. */
function librariesOf(program: string): readonly string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  const named = [...stdout.matchAll(/=> (\/\S+) \(0x/g)].flatMap(([, path]) => (path === undefined ? [] : [path]));
  return named.map((path) => join(realpathSync(dirname(path)), path.slice(path.lastIndexOf('/') + 1)));
}
