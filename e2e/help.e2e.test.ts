import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../src/hosts/run.ts';
import { PROGRAM } from './support/command-line.ts';
import { nodeTimes } from './support/slowness.ts';

/** A command where a person would copy it from: at the start of a text, or after what leads to it. */
const TYPED = /(?:['"`]|: |; |npx |then |run )lobsterpot ([a-z][a-z-]*)/g;
const PROSE = new Set(['as', 'on', 'supervisor']);

test('--help: median -> under 150 ms on the clock, or on a loaded machine of processor time', async (t) => {
  const { wallMs, cpuMs } = await nodeTimes([PROGRAM, '--help']);
  const told = `${Math.round(wallMs)} ms, ${Math.round(cpuMs)} ms of processor time`;
  t.diagnostic(told);
  assert.ok(Math.min(wallMs, cpuMs) < 150, told);
});

test('--help: every command -> its exit codes', async () => {
  const all = await run([process.execPath, PROGRAM, '--help'], { timeoutMs: 10_000 });
  const names = [...all.stdout.matchAll(/^ {2}([a-z]+) /gm)].flatMap((match) => match[1] ?? []).filter((name) => name !== 'help');
  assert.ok(names.length > 10, all.stdout);
  for (const name of names) {
    const { code, stdout } = await run([process.execPath, PROGRAM, name, '--help'], { timeoutMs: 10_000 });
    assert.equal(code, 0);
    // A group lists its commands; each of those has its own.
    if (!/^Commands:/m.test(stdout)) assert.match(stdout, /EXIT STATUS\n +0 +/, name);
  }
});

test('messages and pages: every command that they tell a person to type -> exists', async () => {
  const all = await run([process.execPath, PROGRAM, '--help'], { timeoutMs: 10_000 });
  const root = join(import.meta.dirname, '..');
  const pages = [...globSync('{src,docs,examples}/**/*.{ts,md,yaml}', { cwd: root }), 'README.md'].filter(
    (path) => !path.includes('.test.'),
  );
  const named = new Map(
    pages.flatMap((path) => [...readFileSync(join(root, path), 'utf8').matchAll(TYPED)].map((match) => [match[1] ?? '', path] as const)),
  );
  assert.ok(named.size > 10);
  const unknown = [...named].filter(([name]) => !PROSE.has(name) && !new RegExp(`^ {2}${name}\\b`, 'm').test(all.stdout));
  assert.deepEqual(unknown, []);
});
