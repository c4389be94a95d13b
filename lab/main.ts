import { spawnSync } from 'node:child_process';
import { Problem } from '../src/core/problem.ts';
import { labAt } from './lab.ts';
import { readRecords, stateOf } from './run-record.ts';
import { labFolders, startLab } from './start-lab.ts';
import { endLab, sweep } from './sweep.ts';

const USAGE = `usage: npm run lab -- up [HOSTS] | down [ID] | status | shell PLACE [ID]`;

// npm run lab: a lab that stays until it is taken down.
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const [verb, ...rest] = process.argv.slice(2);
const { runs } = labFolders();
const all = readRecords(runs);

try {
  process.exitCode = await act();
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  say(`lab: error: ${error.message}\n  cause: ${error.why}\n  fix:   ${error.fix}`);
  process.exitCode = 1;
}

async function act(): Promise<number> {
  switch (verb) {
    case 'up': {
      const hosts = rest[0] === undefined ? {} : { hosts: Number(rest[0]) };
      const lab = await startLab({ keep: true, say, ...hosts });
      process.stdout.write(`${lab.id}\n`);
      say(`go there: npm run lab -- shell ${lab.places.map((one) => one.name).join(' | ')}\nend it:   npm run lab -- down`);
      return 0;
    }
    case 'down': {
      // A lab that a test run made ends with that run; kept ones may be another person's.
      const ends = all.filter((one) => (rest[0] === undefined ? one.kept : one.id === rest[0]));
      if (rest[0] === undefined && ends.length > 1) {
        say(`there are ${ends.length}: npm run lab -- down ${ends.map((one) => one.id).join(' | ')}`);
        return 3;
      }
      if (rest[0] !== undefined && ends.length === 0) {
        say(`there is no lab ${rest[0]}: npm run lab -- status`);
        return 3;
      }
      for (const one of ends) await endLab(runs, one);
      await sweep(runs);
      say(`${ends.length} taken down`);
      return 0;
    }
    case 'status':
      for (const one of all)
        process.stdout.write(`${one.id} ${stateOf(one)} ${one.kept ? 'kept' : `made by ${one.maker.pid}`} ${one.startedAt}\n`);
      return 0;
    case 'shell': {
      const found = all.find((one) => stateOf(one) === 'up' && (rest[1] === undefined || one.id === rest[1]));
      if (found?.lab === undefined) break;
      const place = labAt(`${runs}/${found.id}`, found.id, found.lab.pid).places.find((one) => one.name === rest[0]);
      if (!place) break;
      const [program = '', ...args] = place.command([
        'env',
        '-i',
        ...Object.entries(place.env).map(([key, value]) => `${key}=${value}`),
        'TERM=xterm',
        place.user.shell,
        '-i',
      ]);
      return spawnSync(program, args, { stdio: 'inherit' }).status ?? 1;
    }
    case undefined:
  }
  say(USAGE);
  return 3;
}
