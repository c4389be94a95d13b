import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inLab } from '../e2e/lab/in-lab.ts';
import { findSquids } from '../e2e/squid/prepare.ts';
import { Problem } from '../src/core/problem.ts';
import { PLAIN_PATH, run } from '../src/hosts/run.ts';
import { doubtful, linesOf, sample, type Line, type ProxyName, type Sample } from './gate-samples.ts';
import { load, machineLines } from './machine.ts';

const COMPILE_MS = 60_000;
const RUN_MS = 900_000;
const PROXIES = ['direct', 'gate', 'squid', 'peeking'] as const satisfies readonly ProxyName[];

/** The gate, Squid and no proxy at all under the same load, one after the other in each round. Gives the page. */
export async function benchGate({ rounds, say }: { readonly rounds: number; readonly say: (line: string) => void }): Promise<string> {
  const before = load();
  const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-bench-load-'));
  try {
    const tunnels = join(folder, 'tunnels');
    await must('cc', ['cc', '-O2', '-o', tunnels, join(import.meta.dirname, 'load/tunnels.c')], 'apt-get install gcc libc6-dev');
    const squid = await must('squid', ['squid', '--version'], 'apt-get install squid');
    const squids = await findSquids();
    await using _removed = 'refusal' in squids ? undefined : squids;
    say('gate, squid and direct: some minutes');
    const openssl = 'refusal' in squids ? [] : [squids.openssl];
    const argv = [process.execPath, join(import.meta.dirname, 'gate-inside.ts'), tunnels, String(rounds), ...openssl];
    const ran = await inLab(argv, { timeoutMs: RUN_MS });
    if (ran.code !== 0) throw new Error(`the run in the lab ended with ${ran.code ?? ran.signal}: ${ran.stderr}`);
    const samples = ran.stdout
      .trim()
      .split('\n')
      .map((line) => sample.parse(JSON.parse(line)));
    const version = /Version (\S+)/.exec(squid)?.[1] ?? 'unknown';
    const found = { version, ...('refusal' in squids ? { refusal: squids.refusal } : {}) };
    return page(samples, rounds, found, machineLines(before, load(), new Date().toISOString().slice(0, 10)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function must(what: string, argv: readonly string[], fix: string): Promise<string> {
  const { code, stdout, stderr } = await run(argv, { timeoutMs: COMPILE_MS, env: { PATH: PLAIN_PATH } });
  if (code === 0) return stdout;
  throw new Problem('bench/program', `${what} is needed and did not run`, { cause: stderr.trim() || 'it is not installed', fix });
}

type Found = { readonly version: string; readonly refusal?: string };

function page(samples: readonly Sample[], rounds: number, squid: Found, machine: readonly string[]): string {
  const lines = linesOf(samples);
  const doubts = doubtful(samples);
  return [
    '# Benchmark of the gate',
    '',
    'Written by `npm run bench -- gate`, in one run, one after the other in each round. What each of them checks:',
    '',
    '- **direct**: no proxy.',
    '- **gate**: the rule, every address that the name leads to, the ClientHello against the name, the policy once more; a chained record of each tunnel before it passes.',
    '- **Squid**: as Debian has it, with the same rule: the name and the port of the CONNECT. It reads no ClientHello and looks at no address; a line of its log after each tunnel.',
    `- **Squid, same checks** (peeking): ${peeking(squid)}`,
    '',
    'Load and far end are one C program (`bench/load/tunnels.c`) in two network namespaces; each tunnel is a CONNECT, a ClientHello with the right name, and so many bytes from the far end. No TLS is computed, so that the proxies are what is measured. Each proxy has served 26,500 tunnels before those that are counted one by one, for V8 is done with compiling only then; what it makes of its first thousands has a line of its own.',
    '',
    ...machine,
    `- Squid ${squid.version}, one worker. ${rounds} round${rounds === 1 ? '' : 's'}; medians.`,
    '',
    '| | unit | direct | gate | Squid | Squid, same checks | gate / Squid | gate / Squid, same checks |',
    '|---|---|---|---|---|---|---|---|',
    ...lines.map(row),
    '',
    ...(doubts.length === 0
      ? ['No tunnel failed, and the load was never what was slow.']
      : ['To be doubted:', ...doubts.map((one) => `- ${one}`)]),
    '',
  ].join('\n');
}

function row({ title, unit, of }: Line): string {
  const figures = PROXIES.map((one) => figure(of[one])).join(' | ');
  return `| ${title} | ${unit} | ${figures} | ${ratio(of.gate, of.squid)} | ${ratio(of.gate, of.peeking)} |`;
}

function ratio(gate: number | undefined, other: number | undefined): string {
  return gate === undefined || other === undefined || other === 0 ? '' : (gate / other).toFixed(2);
}

function peeking({ refusal }: Found): string {
  if (refusal !== undefined) return `not measured: ${refusal}.`;
  return (
    'Debian’s build with OpenSSL, configured as lobsterpot does for `proxy: squid` ([squid.md](squid.md)): the rule, the addresses, ' +
    'and in a second pass through itself the ClientHello against the name; two lines of its log a tunnel. Its keeper and its door, which read the head strictly, are not in it.'
  );
}

function figure(value: number | undefined): string {
  if (value === undefined) return '';
  return value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toPrecision(3);
}
