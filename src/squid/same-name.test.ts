import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SAME_NAME } from './same-name.ts';

// What Squid writes to it, and what it must answer.
const CASES = {
  'api.example.com api.example.com': 'OK',
  'API.Example.com api.example.com': 'OK',
  'other.example.com api.example.com': 'ERR',
  'x.api.example.com api.example.com': 'ERR',
  '- api.example.com': 'ERR',
  '- 192.168.1.5': 'OK',
  'api.example.com 192.168.1.5': 'ERR',
  '192.168.1.5 192.168.1.5': 'ERR',
  '- [2001:db8::1]': 'OK',
  'a [2001:db8::1]': 'ERR',
  '- 1.2.3.a': 'ERR',
  '* api.example.com': 'ERR',
  '$(id) api.example.com': 'ERR',
  '%2a *': 'ERR',
  '- -': 'ERR',
  '': 'ERR',
  a: 'ERR',
} as const;

test('SAME_NAME: lines of Squid -> OK only for the same name, and for an address without a name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'same-name-'));
  try {
    writeFileSync(join(folder, 'same-name.sh'), SAME_NAME);
    const input = `${Object.keys(CASES).join('\n')}\n`;
    const { stdout } = spawnSync('/bin/sh', [join(folder, 'same-name.sh')], { input, encoding: 'utf8', timeout: 20_000, cwd: folder });
    const answers = stdout.trim().split('\n');
    assert.deepEqual(Object.fromEntries(Object.keys(CASES).map((line, at) => [line, answers[at]])), CASES);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
