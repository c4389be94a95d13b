import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem, reasonOf } from '../../src/core/problem.ts';
import { must } from '../inside/act.ts';

// Debian 12 has only the first Compose; the next Debian's package of the second runs here as it is.
const SUITE = 'trixie';
const PROGRAM = 'usr/libexec/docker/cli-plugins/docker-compose';

/** Compose v2 for the hosts, fetched once a machine from the Debian mirror that the machine itself uses. */
export async function composeProgram(cache: string): Promise<string> {
  const done = join(cache, `compose-${SUITE}`);
  if (existsSync(done)) return done;
  const scratch = mkdtempSync(join(cache, 'fetching-'));
  try {
    await fetchInto(scratch);
    renameSync(join(scratch, PROGRAM), done);
  } catch (error) {
    throw new Problem('lab/compose', 'Compose for the lab could not be had', {
      cause: reasonOf(error),
      fix: 'apt-get update, then run: npm run lab -- up',
      from: error,
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return done;
}

async function fetchInto(scratch: string): Promise<void> {
  const targets = await must(['apt-get', 'indextargets', '--format', '$(ORIGIN) $(LABEL) $(REPO_URI)', 'Created-By: Packages']);
  const [mirror] = targets.split('\n').flatMap((line) => (line.startsWith('Debian Debian ') ? [line.slice('Debian Debian '.length)] : []));
  if (mirror === undefined) throw new Error('this machine has no Debian mirror among its package sources');
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const list = join(scratch, 'sources.list');
  writeFileSync(list, `deb [signed-by=${keys}] ${mirror} ${SUITE} main\n`);
  for (const folder of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(scratch, folder), { recursive: true });
  // Lists and cache of its own: the machine's package state stays as it is.
  const own = {
    'Dir::Etc::sourcelist': list,
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': join(scratch, 'lists'),
    'Dir::Cache': join(scratch, 'cache'),
    'APT::Sandbox::User': 'root',
  };
  const apt = ['apt-get', '-qq', ...Object.entries(own).flatMap(([key, value]) => ['-o', `${key}=${value}`])];
  await must([...apt, 'update']);
  await must([...apt, 'download', 'docker-compose'], { cwd: scratch });
  const [file] = readdirSync(scratch).filter((name) => name.endsWith('.deb'));
  if (file === undefined) throw new Error('the package of Compose did not come');
  await must(['dpkg-deb', '--extract', join(scratch, file), scratch]);
}
