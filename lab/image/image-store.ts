import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Problem } from '../../src/core/problem.ts';
import { PLAIN_PATH, run } from '../../src/hosts/run.ts';
import { testRuntime } from '../../src/openclaw/testing/test-runtime.ts';
import { storeName } from './recipe.ts';

const BUILD_LIMIT_MS = 9 * 60_000;

/** The folder of an engine's image store with the lab's image in it; made once a machine, kept in `cache`. */
export async function imageStore(cache: string): Promise<string> {
  const { openclaw } = await testRuntime();
  const modules = resolve(dirname(openclaw), '..');
  const version = await run(['dockerd', '--version'], { timeoutMs: 10_000 });
  const programs = ['recipe.ts', 'stage.ts', 'build.ts'].map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'));
  const lock = readFileSync(join(modules, '../package-lock.json'), 'utf8');
  const name = storeName({ runtime: lock, engine: version.stdout.trim(), programs });
  const path = join(cache, name);
  if (existsSync(path)) return path;
  const own = ['unshare', '--pid', '--mount', '--mount-proc', '--fork', '--kill-child=KILL', '--propagation', 'private'];
  const build = [process.execPath, join(import.meta.dirname, 'build.ts'), cache, name, modules];
  const ended = await run(['flock', join(cache, 'lock'), 'setpriv', '--pdeathsig', 'KILL', ...own, ...build], {
    timeoutMs: BUILD_LIMIT_MS,
    env: { PATH: PLAIN_PATH, HOME: '/' },
  });
  if (existsSync(path)) return path;
  throw new Problem('lab/image', 'the image of the lab could not be made', {
    cause: ended.timedOut ? `not done in ${BUILD_LIMIT_MS / 60_000} minutes` : ended.stderr.trim().split('\n').slice(-4).join(' | '),
    fix: 'npm run lab -- up',
  });
}
