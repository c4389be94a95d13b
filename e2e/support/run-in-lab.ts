import { join } from 'node:path';
import { z } from 'zod';
import { inLab } from '../lab/in-lab.ts';
import { parseJson } from './stage.ts';

const result = z.object({ name: z.string(), ok: z.boolean(), ms: z.number(), error: z.string(), skipped: z.string() });

export type LabTest = z.infer<typeof result>;

/** Runs a file of tests inside the lab, one after the other, and gives what came of each. */
export async function testsInLab(
  file: string,
  options: { readonly timeoutMs: number; readonly asUser?: number; readonly env: Readonly<Record<string, string>> },
): Promise<{ readonly results: readonly LabTest[]; readonly ended: string | undefined }> {
  const reporter = join(import.meta.dirname, 'relay-reporter.ts');
  const argv = [process.execPath, '--test', '--test-isolation=none', '--test-force-exit', `--test-timeout=${options.timeoutMs}`];
  const ran = await inLab([...argv, `--test-reporter=${reporter}`, file], options);
  const lines = ran.stdout.split('\n').map((line) => ({ line, parsed: result.safeParse(parseJson(line)) }));
  const results = lines.flatMap(({ parsed }) => (parsed.success ? [parsed.data] : []));
  const rest = lines.flatMap(({ line, parsed }) => (parsed.success ? [] : [line])).join('\n');
  const told = ran.code === 0 || (ran.code === 1 && results.some((one) => !one.ok));
  const how = ran.timedOut ? `it was ended after ${options.timeoutMs} ms` : `exit ${ran.code ?? ran.signal}`;
  // A run that ends badly without a failed test must not pass for one that ended well.
  return { results, ended: told && !ran.timedOut && results.length > 0 ? undefined : `${how}\n${rest}\n${ran.stderr}` };
}
