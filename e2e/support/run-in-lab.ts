import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { z } from 'zod';
import type { RunResult } from '../../src/hosts/host.ts';
import { PLAIN_PATH, run } from '../../src/hosts/run.ts';
import { inLab } from '../lab/in-lab.ts';
import { readableProject } from './readable-project.ts';
import { parseJson } from './stage.ts';

const result = z.object({ name: z.string(), ok: z.boolean(), ms: z.number(), error: z.string(), skipped: z.string() });

export type LabTest = z.infer<typeof result>;

/** Runs a file of tests inside the lab, one after the other, and gives what came of each. */
export async function testsInLab(
  file: string,
  options: { readonly timeoutMs: number; readonly asUser?: number; readonly env: Readonly<Record<string, string>> },
): Promise<{ readonly results: readonly LabTest[]; readonly ended: string | undefined }> {
  const ran =
    options.asUser === undefined
      ? await inLab(testArgv(process.execPath, file, options.timeoutMs), options)
      : await inLabAsUser(file, options.asUser, options);
  return readLabTests(ran, options.timeoutMs);
}

/** What came of each test of a run that had the relay reporter. */
export function readLabTests(
  ran: RunResult,
  timeoutMs: number,
): { readonly results: readonly LabTest[]; readonly ended: string | undefined } {
  const lines = ran.stdout.split('\n').map((line) => ({ line, parsed: result.safeParse(parseJson(line)) }));
  const results = lines.flatMap(({ parsed }) => (parsed.success ? [parsed.data] : []));
  const rest = lines.flatMap(({ line, parsed }) => (parsed.success ? [] : [line])).join('\n');
  const told = ran.code === 0 || (ran.code === 1 && results.some((one) => !one.ok));
  const how = ran.timedOut ? `it was ended after ${timeoutMs} ms` : `exit ${ran.code ?? ran.signal}`;
  // A run that ends badly without a failed test must not pass for one that ended well.
  return { results, ended: told && !ran.timedOut && results.length > 0 ? undefined : `${how}\n${rest}\n${ran.stderr}` };
}

/** Tells each test of such a run as a part of `t`, and fails when the run itself did not end well. */
export async function relayTests(t: TestContext, { results, ended }: Awaited<ReturnType<typeof testsInLab>>): Promise<void> {
  for (const one of results) {
    await t.test(one.name, { skip: one.skipped === '' ? false : one.skipped }, (inner) => {
      inner.diagnostic(`${one.ms} ms in the lab`);
      assert.ok(one.ok, one.error);
    });
  }
  assert.equal(ended ?? '', '');
}

function testArgv(node: string, file: string, timeoutMs: number, at = (path: string): string => path): readonly string[] {
  const reporter = at(join(import.meta.dirname, 'relay-reporter.ts'));
  const how = ['--test-isolation=none', '--test-force-exit', `--test-timeout=${timeoutMs}`, `--test-reporter=${reporter}`];
  return [node, '--test', ...how, at(file)];
}

/** Root gives up its rights in the lab; the user then needs a place where the project can be read. */
async function inLabAsUser(
  file: string,
  user: number,
  options: { readonly timeoutMs: number; readonly env: Readonly<Record<string, string>> },
): Promise<RunResult> {
  using project = readableProject();
  const enter = project.at(join(import.meta.dirname, '../lab/enter.ts'));
  const command = testArgv(project.node, file, options.timeoutMs, (path) => project.at(path));
  return await run([...project.prefix, project.node, enter, '--as-user', String(user), '--', ...command], {
    timeoutMs: options.timeoutMs,
    env: { PATH: PLAIN_PATH, ...options.env },
  });
}
