import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { lastLook, lastTime, parseSeen } from './parse-seen.ts';

const SHA = 'a'.repeat(64);
const at = (raw: string, path: string, time = '12:00:00.834356170 +0000'): string =>
  `is ${raw} 0 40001 1795334729 2026-11-22 ${time} ${path}`;
const TOLD = [at('41c0', 'services'), at('8120', 'services/x y.json'), `${SHA}  services/x y.json`];
const whole = (...lines: readonly string[]): string => [...lines, 'seen', ''].join('\n');
const said = (...lines: readonly string[]) => ({ out: whole(...lines), errors: whole() });
const owner = { uid: 0, gid: 40_001 };
/** With the engine's time before each line. */
const timed = (text: string, second: number): string => {
  const time = `2026-11-22T08:05:0${second}.834356170Z `;
  return text === '' ? time : text.replaceAll(/^(?=.)/gm, () => time);
};

suite('parseSeen', () => {
  test('folders, files and what is neither -> each with mode and owner, files with digest and the exact time', () => {
    assert.deepEqual(Object.fromEntries(parseSeen(said(...TOLD, at('a1ff', 'link')))), {
      services: { kind: 'directory', mode: 0o700, owner },
      'services/x y.json': { kind: 'file', mode: 0o440, owner, sha256: SHA, mtimeMs: 1_795_334_729_834 },
      link: { kind: 'other' },
    });
  });

  test('a path that is not there -> not in it', () => {
    const absent = "stat: cannot statx 'compose.yaml': No such file or directory";
    const other = "stat: cannot stat 'services/*/spec.json': Not a directory";
    assert.equal(parseSeen({ out: whole(...TOLD), errors: whole(absent, other) }).size, 2);
  });

  for (const [what, text] of [
    ['nothing', { out: '', errors: '' }],
    ['no last word', { out: `${TOLD.join('\n')}\n`, errors: whole() }],
    ['no last word of the errors, of which some may be missing', { out: whole(...TOLD), errors: '' }],
    ['a last word that is not the last', { out: `seen\n${TOLD.join('\n')}\n`, errors: whole() }],
    ['an error among what was found', said(...TOLD, "stat: cannot statx 'compose.yaml': No such file or directory")],
    ['a file without a digest', said(...TOLD.slice(0, 2))],
    ['a file below what is no folder', said(at('a1ff', 'services'), ...TOLD.slice(1))],
    ['a file in a folder that is not told of', said(...TOLD.slice(1))],
    ['a path that may not be looked at', { out: whole(...TOLD), errors: whole("stat: cannot statx 'services/gate': Permission denied") }],
    ['a file that could not be read', { out: whole(...TOLD), errors: whole('sha256sum: services/y: Input/output error') }],
    ['a name of two lines', said(...TOLD, at('8120', 'services/a\nb'))],
    ['a name that is quoted', said(...TOLD, String.raw`\${SHA}  services/a\nb`)],
    ['no such program', { out: whole(), errors: whole('/deployment: line 4: stat: not found') }],
    ['a time without its zone', said(at('41c0', 'services', '12:00:00'))],
  ] as const) {
    test(`${what} -> an error`, () => assert.throws(() => parseSeen(text)));
  }
});

for (const [log, last] of [
  ['looking\nis a\nseen\n', 'is a\nseen\n'],
  ['looking\nis a\nseen\nlooking\nis b\nseen\n', 'is b\nseen\n'],
  ['seen\nlooking\n', ''],
  ['is a\nseen\n', undefined],
  ['is a looking\nseen\n', undefined],
  ['', undefined],
] as const) {
  test(`lastLook: ${JSON.stringify(log)} -> ${JSON.stringify(last)}`, () => {
    const other = timed('looking\nseen\n', 2);
    assert.equal(lastLook({ out: timed(log, 2), errors: other })?.out, last);
    assert.equal(lastLook({ out: other, errors: timed(log, 2) })?.errors, last);
  });
}

test('lastLook: one of its outputs is not newer than what was there before -> none', () => {
  const [old, fresh] = [timed('looking\nseen\n', 1), timed('looking\nseen\n', 2)];
  const before = lastTime({ out: timed('seen\n', 1), errors: '' });
  assert.equal(lastLook({ out: old, errors: old }, before), undefined);
  assert.equal(lastLook({ out: old, errors: old + fresh }, before), undefined);
  assert.equal(lastLook({ out: old + fresh, errors: old }, before), undefined);
  assert.equal(lastLook({ out: old + fresh, errors: old + fresh }, before)?.out, 'seen\n');
});

test('lastTime: the latest of both outputs; of an empty log, none', () => {
  assert.equal(lastTime({ out: timed('seen\n', 2), errors: timed('seen\n', 1) }), timed('', 2).trim());
  assert.equal(lastTime({ out: '', errors: '' }), '');
});
