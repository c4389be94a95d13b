import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { localHost } from '../../hosts/local-host.ts';
import { Redacted } from '../../core/redacted.ts';
import type { Attempt } from './attempt.ts';
import { secretProbe } from './secret-probe.ts';
import { insideScript, readResults } from './script.ts';

const MARKER = 'lobsterpot-test ';

async function runHere(attempts: Readonly<Record<string, Attempt>>, totalMs = 5000): Promise<ReturnType<typeof readResults>> {
  const script = insideScript({ marker: MARKER, canary: 'lptest', limitMs: 1500, totalMs, attempts });
  const ran = await localHost('here').run([process.execPath, '--input-type=module', '-'], { stdin: script, timeoutMs: 20_000 });
  assert.equal(ran.code, 0, ran.stderr);
  return readResults(ran.stdout, MARKER);
}

describe('insideScript', () => {
  test('every kind of attempt -> a result for each', async () => {
    const results = await runHere({
      loopback: { kind: 'own-loopback' },
      closed: { kind: 'tcp', host: '127.0.0.1', port: 1 },
      udp: { kind: 'udp', host: '127.0.0.1', port: 9 },
      unix: { kind: 'unix', path: '/nonexistent/x.sock' },
      abstract: { kind: 'unix', path: '@lobsterpot-nobody' },
      absent: { kind: 'read', path: '/nonexistent' },
      folder: { kind: 'read', path: '/' },
      memory: { kind: 'read', path: '/proc/self/mem' },
      list: { kind: 'list', path: '/' },
      write: { kind: 'write', path: '/proc/nonexistent' },
      run: { kind: 'run', argv: ['/bin/sh', '-c', 'echo said; exit 3'] },
      noProgram: { kind: 'run', argv: ['/nonexistent'] },
      execute: { kind: 'execute', folder: '/nonexistent' },
      gate: { kind: 'gate', port: 1, head: 'CONNECT x:1 HTTP/1.1\r\n\r\n' },
      resolver: { kind: 'resolve', name: 'lptest.invalid', server: '127.0.0.1' },
      processes: { kind: 'processes' },
      search: { kind: 'search', folders: ['/nonexistent'], needles: [] },
    });
    const seen = Object.fromEntries(
      [...(results ?? [])].map(([name, { outcome, code }]) => [name, code === undefined ? outcome : `${outcome} ${code}`]),
    );
    assert.equal(seen['loopback'], 'succeeded');
    assert.equal(seen['closed'], 'refused ECONNREFUSED');
    assert.equal(seen['udp'], 'succeeded');
    assert.equal(seen['unix'], 'refused ENOENT');
    assert.equal(seen['abstract'], process.platform === 'linux' ? 'refused ECONNREFUSED' : seen['abstract']);
    assert.equal(seen['absent'], 'refused ENOENT');
    assert.equal(seen['folder'], 'succeeded');
    // At offset 0 nothing can be read: that it can be opened is what counts.
    assert.equal(seen['memory'], process.platform === 'linux' ? 'succeeded' : seen['memory']);
    assert.match(seen['write'] ?? '', /^refused E/);
    assert.equal(seen['run'], 'refused exit 3');
    assert.equal(results?.get('run')?.detail, 'said\n');
    assert.equal(seen['noProgram'], 'refused ENOENT');
    assert.equal(seen['execute'], 'refused ENOENT');
    assert.equal(seen['gate'], 'broken ECONNREFUSED');
    assert.ok((results?.get('list')?.names?.length ?? 0) > 3);
    assert.ok(results?.has('resolver'));
    assert.ok(process.platform !== 'linux' || (results?.get('processes')?.processes?.length ?? 0) > 0);
  });

  test('search: a secret in a file, at any place of it, and one that is nowhere -> found by its fingerprint alone', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'search-'));
    t.after(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    const [there, absent] = ['sk-planted-0123456789-abcdef', 'sk-absent-00123456789-abcdef'];
    // Across the edge of what is read at once, at the very end, alone, and one letter short of it.
    writeFileSync(join(folder, 'a/edge'), `${'x'.repeat(256 * 1024 - 10)}${there}${'y'.repeat(400_000)}`);
    writeFileSync(join(folder, 'a/b/end'), `${'z'.repeat(300_000)}${there}`);
    writeFileSync(join(folder, 'alone'), there);
    writeFileSync(join(folder, 'short'), there.slice(0, -1));
    const needles = [there, absent].flatMap((value, index) => {
      const needle = secretProbe(new Redacted(value)).needle('lptest');
      return needle ? [{ name: `n${index}`, ...needle }] : [];
    });
    const result = (await runHere({ search: { kind: 'search', folders: [folder], needles } }))?.get('search');
    assert.deepEqual(
      result?.names?.toSorted(),
      ['a/b/end', 'a/edge', 'alone'].map((name) => `n0 in ${folder}/${name}`),
    );
    assert.match(result?.detail ?? '', /^4 of 4 files/);
    assert.equal(secretProbe(new Redacted('short-one')).needle('lptest'), undefined);
  });

  test('no time left -> broken, not silent', async () => {
    const results = await runHere({ late: { kind: 'own-loopback' } }, -1);
    assert.equal(results?.get('late')?.outcome, 'broken');
  });
});

describe('readResults', () => {
  const line = `${MARKER}{"a":{"outcome":"refused","code":"EPERM"}}`;
  const cases: readonly (readonly [name: string, stdout: string, size: number | undefined])[] = [
    ['one line', line, 1],
    ['noise around it', `warning\n${line}\nbye`, 1],
    ['nothing', '', undefined],
    ['cut off', line.slice(0, -5), undefined],
    ['two lines with the marker', `${line}\n${line}`, undefined],
    ['an unknown outcome', `${MARKER}{"a":{"outcome":"fine"}}`, undefined],
    ['another marker', line.replace('test', 'fake'), undefined],
  ];
  for (const [name, stdout, size] of cases) {
    test(`${name} -> ${size === undefined ? 'nothing is known' : 'read'}`, () => assert.equal(readResults(stdout, MARKER)?.size, size));
  }
});
