import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { accessSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { FAR_SHELL, quoteArgv, scriptLine } from './quote.ts';

const SHELLS = [['/bin/sh'], ['/bin/dash'], ['/bin/bash'], ['/bin/busybox', 'sh'], ['/bin/zsh'], ['/usr/bin/fish'], ['/bin/csh']].filter(
  ([path]) => {
    try {
      accessSync(path ?? '');
      return true;
    } catch {
      return false;
    }
  },
);

const ODD = [
  '',
  ' ',
  '-n',
  '--',
  "'",
  '"',
  '\\',
  '$(id)',
  '`id`',
  '$HOME',
  '!',
  '!!',
  '*',
  '~',
  '\n',
  '\n\n',
  '\t',
  '\r',
  'ä€😀',
  '%b',
  '\\0101',
  '\\c',
  ';',
  '&',
  '|',
  '#',
  '=',
  'a=b',
  '\u007f',
  '\u0001',
];
const word = fc
  .oneof(fc.constantFrom(...ODD), fc.string({ unit: 'binary' }), fc.string())
  .filter((text) => !text.includes('\0') && text.isWellFormed());

/** What a program gets as its arguments when this shell is the login shell of the far side. */
function through(shell: readonly string[], argv: readonly string[]): readonly string[] {
  const [program = '', ...first] = shell;
  const script = quoteArgv(['printf', String.raw`%s\0`, ...argv]);
  const out = execFileSync(program, [...first, '-c', FAR_SHELL], { input: scriptLine(script), encoding: 'utf8' });
  return out.split('\0').slice(0, -1);
}

for (const shell of SHELLS) {
  test(`quote: any arguments through ${shell.join(' ')} -> the same arguments`, () => {
    assert.deepEqual(through(shell, ODD), ODD);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (argv) => assert.deepEqual(through(shell, argv), argv)),
      { numRuns: 60 },
    );
  });
}

test('scriptLine: a long script -> no limit of an argument counts', () => {
  const long = 'x'.repeat(300_000);
  assert.deepEqual(through(['/bin/sh'], []), ['']);
  const out = execFileSync('/bin/sh', ['-c', FAR_SHELL], { input: scriptLine(`x=${quoteArgv([long])}; echo \${#x}`), encoding: 'utf8' });
  assert.equal(out, '300000\n');
});

test('scriptLine: input after the script -> untouched, for the script', () => {
  const out = execFileSync('/bin/sh', ['-c', FAR_SHELL], { input: `${scriptLine('cat')}one\\n\ntwo`, encoding: 'utf8' });
  assert.equal(out, 'one\\n\ntwo');
});

test('quote: a zero byte -> refused', () => {
  assert.throws(() => quoteArgv(['a\0b']), TypeError);
  assert.throws(() => scriptLine('a\0b'), TypeError);
});
