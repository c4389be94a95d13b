import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localHost } from '../../hosts/local-host.ts';
import { parseProcessTexts, readProcessTexts } from './process-texts.ts';

test('parseProcessTexts: Linux -> arguments and environment of each process together', () => {
  const answer =
    '==> 1/cmdline <==\n/sbin/init\0\n==> 1/environ <==\nA=b\0\n\n==> 22/cmdline <==\nnode\0x.js\0\n==> 30/cmdline <==\n\n==> 30/environ <==\n';
  assert.deepEqual(
    parseProcessTexts(answer).map(({ name }) => name),
    ['init (1)', 'node (22)'],
  );
  assert.match(parseProcessTexts(answer)[0]?.text ?? '', /A=b/);
});

test('parseProcessTexts: macOS -> one process a line', () => {
  assert.deepEqual(parseProcessTexts('    1 /sbin/launchd\n  412 /usr/bin/ssh nas KEY=x\n'), [
    { name: 'launchd (1)', text: '    1 /sbin/launchd' },
    { name: 'ssh (412)', text: '  412 /usr/bin/ssh nas KEY=x' },
  ]);
});

test('parseProcessTexts: a process that writes a heading itself -> its text is still there', () => {
  const all = parseProcessTexts('==> 5/cmdline <==\nevil\n==> 6/environ <==\nsecret\n==> 6/cmdline <==\nsh\0\n');
  assert.ok(all.some(({ text }) => text.includes('secret')));
});

test('readProcessTexts: a host that says nothing -> undefined', async () => {
  const run = () => Promise.resolve({ code: 0, signal: undefined, timedOut: false, stdout: '', stderr: '' });
  assert.equal(await readProcessTexts({ run }), undefined);
});

test('readProcessTexts: this machine -> this very process with its arguments', async () => {
  const all = await readProcessTexts(localHost('here'));
  assert.ok(all?.some(({ name }) => name.endsWith(`(${process.pid})`)));
});
