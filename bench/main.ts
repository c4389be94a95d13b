import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { labRefused } from '../lab/prerequisites.ts';
import { Problem } from '../src/core/problem.ts';
import { run } from '../src/hosts/run.ts';
import { benchGate } from './gate.ts';
import { benchHosts } from './hosts.ts';
import { benchRoutes } from './routes.ts';
import { benchTrail } from './trail.ts';

const OPTIONS = {
  sizes: { type: 'string' },
  rounds: { type: 'string' },
  plays: { type: 'string' },
  records: { type: 'string' },
  'no-page': { type: 'boolean' },
} as const;

type Flags = { readonly sizes?: string; readonly rounds?: string; readonly plays?: string; readonly records?: string };

/** `page`: in docs/; `refused`: why it cannot be run here. */
type Bench = {
  readonly about: readonly string[];
  readonly page: string;
  refused?(): Promise<string | undefined>;
  run(flags: Flags): Promise<string>;
};

// npm run bench: one file a benchmark; what it gives is its page.
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const BENCHES: Readonly<Record<string, Bench>> = {
  hosts: {
    about: [
      '`up`, `plan`, `status` and `drift` on 1, 2, 4 and 8 hosts of the lab, and an Ansible play on 1, 2 and 8',
      'needs root, Docker and ansible-core (docs/lab.md); a quarter of an hour on two processors; let nothing else run meanwhile',
      '[--sizes 1,2,4,8] [--rounds 5] [--plays 3]',
    ],
    page: 'benchmarks.md',
    refused: async () => {
      const { code } = await run(['ansible-playbook', '--version'], { timeoutMs: 30_000 });
      return labRefused() ?? (code === 0 ? undefined : 'there is no ansible-playbook to compare with: apt-get install ansible-core');
    },
    run: ({ sizes = '1,2,4,8', rounds = '5', plays = '3' }) =>
      benchHosts({ sizes: counts(sizes).toSorted((a, b) => a - b), rounds: count(rounds), plays: count(plays), say }),
  },
  gate: {
    about: ['the gate, Squid and no proxy under the same load', 'needs Linux, a C compiler and Squid', '[--rounds 3]'],
    page: 'benchmarks-gate.md',
    run: ({ rounds = '3' }) => benchGate({ rounds: count(rounds), say }),
  },
  routes: {
    about: ['how much later the first byte of an answer comes on a credential route', 'needs Linux', '[--rounds 300]'],
    page: 'benchmarks-routes.md',
    run: ({ rounds = '300' }) => benchRoutes({ requests: count(rounds), say }),
  },
  trail: {
    about: ['the index of a long trail: how fast it is made, and what each question of it takes', '[--records 10000000] [--rounds 5]'],
    page: 'benchmarks-trail.md',
    run: ({ records = '10000000', rounds = '5' }) => benchTrail({ records: count(records), rounds: count(rounds), say }),
  },
};

process.exitCode = await bench();

async function bench(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  const [name] = positionals;
  const chosen = name === undefined || !Object.hasOwn(BENCHES, name) ? undefined : BENCHES[name];
  if (!chosen) {
    // Who asks what there is gets it as the result; who asks for what there is not is told.
    (name === undefined ? process.stdout : process.stderr).write(`${usage()}\n`);
    return name === undefined ? 0 : 3;
  }
  const refused = await chosen.refused?.();
  if (refused !== undefined) {
    say(`bench: ${refused}`);
    return 1;
  }
  try {
    const page = await chosen.run(values);
    process.stdout.write(page);
    if (values['no-page'] !== true) writeFileSync(join(import.meta.dirname, '../docs', chosen.page), page);
    return 0;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    say(`bench: error: ${error.message}\n  cause: ${error.why}\n  fix:   ${error.fix}`);
    return error.exit;
  }
}

function usage(): string {
  const one = ([name, { about, page }]: readonly [string, Bench]): readonly string[] => [
    `  ${name.padEnd(8)}${about.join(`\n${' '.repeat(10)}`)}`,
    `          writes docs/${page}`,
  ];
  return ['usage: npm run bench -- BENCH [--no-page]', '', ...Object.entries(BENCHES).flatMap(one)].join('\n');
}

function counts(text: string): readonly number[] {
  return text.split(',').map(count);
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Problem('bench/count', `${text} is not a number of times`, { cause: 'it is no whole number above 0', fix: 'npm run bench' });
}
