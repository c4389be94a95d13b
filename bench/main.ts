import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { labRefused } from '../lab/prerequisites.ts';
import { run } from '../src/hosts/run.ts';
import { benchHosts } from './hosts.ts';
import { benchTrail } from './trail.ts';

const USAGE =
  'usage: npm run bench -- hosts [--sizes 1,2] [--rounds 5] [--plays 3] [--no-page]\n       npm run bench -- trail [--records 10000000] [--rounds 5] [--no-page]';
const PAGE = join(import.meta.dirname, '../docs/benchmarks.md');
const TRAIL_PAGE = join(import.meta.dirname, '../docs/benchmarks-trail.md');

// npm run bench: one file a benchmark; what it gives is its page.
const say = (line: string): void => void process.stderr.write(`${line}\n`);
process.exitCode = await bench();

async function bench(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sizes: { type: 'string' },
      rounds: { type: 'string' },
      plays: { type: 'string' },
      records: { type: 'string' },
      'no-page': { type: 'boolean' },
    },
  });
  if (positionals[0] === 'trail') {
    const page = await benchTrail({ records: Number(values.records ?? 10_000_000), rounds: Number(values.rounds ?? 5), say });
    process.stdout.write(page);
    if (values['no-page'] !== true) writeFileSync(TRAIL_PAGE, page);
    return 0;
  }
  if (positionals[0] !== 'hosts') {
    say(USAGE);
    return 3;
  }
  const { code } = await run(['ansible-playbook', '--version'], { timeoutMs: 30_000 });
  const refused = labRefused() ?? (code === 0 ? undefined : 'there is no ansible-playbook to compare with: apt-get install ansible-core');
  if (refused !== undefined) {
    say(`bench: ${refused}`);
    return 1;
  }
  const sizes = (values.sizes ?? '1,2').split(',').map((one) => (one === '1' ? 1 : 2));
  const page = await benchHosts({ sizes, rounds: Number(values.rounds ?? 5), plays: Number(values.plays ?? 3), say });
  process.stdout.write(page);
  if (values['no-page'] !== true) writeFileSync(PAGE, page);
  return 0;
}
