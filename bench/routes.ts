import { join } from 'node:path';
import { z } from 'zod';
import { inLab } from '../e2e/lab/in-lab.ts';
import { load, machineLines } from './machine.ts';

const RUN_MS = 240_000;

/** What the run in the lab gives: milliseconds to the first byte of each answer. */
const samples = z.object({ direct: z.array(z.number()), route: z.array(z.number()) });

/** How much later the first byte of an answer comes on a route than from the provider itself. Gives the page. */
export async function benchRoutes({ requests, say }: { readonly requests: number; readonly say: (line: string) => void }): Promise<string> {
  const before = load();
  say(`${requests} requests each way`);
  const ran = await inLab([process.execPath, join(import.meta.dirname, 'routes-inside.ts'), String(requests)], { timeoutMs: RUN_MS });
  if (ran.code !== 0) throw new Error(`the run in the lab ended with ${ran.code ?? ran.signal}: ${ran.stderr}`);
  const { direct, route } = samples.parse(JSON.parse(ran.stdout));
  return page(direct, route, machineLines(before, load(), new Date().toISOString().slice(0, 10)));
}

/** The value that this part of all lies below. Pure. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  if (value === undefined) throw new TypeError('nothing was measured');
  return value;
}

function page(direct: readonly number[], route: readonly number[], machine: readonly string[]): string {
  const row = (name: string, part: number): string => {
    const [own, ours] = [quantile(direct, part), quantile(route, part)];
    return `| ${name} | ${own.toFixed(2)} ms | ${ours.toFixed(2)} ms | ${(ours - own).toFixed(2)} ms |`;
  };
  const added = quantile(route, 0.5) - quantile(direct, 0.5);
  return [
    '# Benchmark of the credential routes',
    '',
    'Written by `npm run bench -- routes`: the time from sending a request for a streamed answer to its first byte, one way after the other. Directly: over a TLS connection to the provider that is kept open. On a route: a new connection to the real gate for each request, as OpenClaw makes it, which parses, decides, records, adds the key and asks over a TLS connection that it keeps. The provider is a stand-in on the same machine, so that nothing but the way differs.',
    '',
    ...machine,
    `- ${direct.length} requests each way.`,
    '',
    '| | direct | route | added |',
    '|---|---|---|---|',
    row('p50', 0.5),
    row('p90', 0.9),
    row('p99', 0.99),
    '',
    `Aimed at: less than 1 ms more at p50. ${added < 1 ? 'Met' : 'Not met'}: ${added.toFixed(2)} ms.`,
    '',
  ].join('\n');
}
