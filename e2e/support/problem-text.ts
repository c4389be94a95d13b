import assert from 'node:assert/strict';
import { z } from 'zod';
import type { Ended } from './command-line.ts';
import { parseJson } from './stage.ts';

const document = z.strictObject({
  problems: z.array(z.strictObject({ code: z.string(), what: z.string(), cause: z.string(), fix: z.string() })).min(1),
});

export type Told = z.infer<typeof document>['problems'][number];

/**
 * The Problems that a `--json` call ended with. Fails unless the call ended with `exit`, stdout is one document, stderr tells each
 * Problem in its three lines, and nothing looks like a bug.
 */
export function problemsOf(ended: Ended, exit: number): readonly Told[] {
  const all = `exit ${ended.code}\n${ended.stdout}\n${ended.stderr}`;
  assert.equal(ended.code, exit, all);
  const parsed = document.safeParse(parseJson(ended.stdout));
  assert.ok(parsed.success, all);
  assert.doesNotMatch(ended.stderr, /\bbug\b|^\s+at .*:\d+:\d+\)?$/m);
  const { problems } = parsed.data;
  for (const { code, what, cause, fix } of problems) {
    assert.match(code, /^[a-z]+\/[a-z.-]+$/);
    for (const text of [what, cause, fix]) assert.match(text, /\S/);
    assert.doesNotMatch(what, /^(?!OpenClaw|Node)[A-Z][a-z]|\.$/, 'lower case and no full stop');
    const lines = (text: string): string => text.trimEnd().replaceAll('\n', '\n         ');
    const told = `error: ${lines(what)} (${code})\n  cause: ${lines(cause)}\n  fix:   ${lines(fix)}\n`;
    assert.ok(ended.stderr.includes(told), `${told}\nis not in\n${ended.stderr}`);
  }
  return problems;
}
