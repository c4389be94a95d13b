import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { EXIT } from '../core/exit-code.ts';
import { Problems } from '../core/problem.ts';
import { loadDeployment } from './load.ts';

const SHORTEST = 'name: home\nhosts: { here: {} }\ngateways: { main: { host: here } }\n';

suite('loadDeployment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-load-'));
  after(() => rmSync(folder, { recursive: true }));

  function written(name: string, content: string | Uint8Array): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }

  function refused(path: string): string {
    try {
      loadDeployment(path);
    } catch (thrown) {
      assert.ok(thrown instanceof Problems);
      assert.ok(thrown.all.every((one) => one.exit === EXIT.usage));
      return thrown.all.map((one) => `${one.code}: ${one.why}`).join('\n');
    }
    return 'accepted';
  }

  test('a valid file -> its deployment', () => assert.equal(loadDeployment(written('good.yaml', SHORTEST)).name, 'home'));
  test('no file -> said so', () => assert.equal(refused(join(folder, 'none.yaml')), 'topology/file: there is no such file'));
  test('a folder -> said so', () => assert.equal(refused(folder), 'topology/file: it is not a file'));
  test('a device -> refused without reading it to its end', () => assert.equal(refused('/dev/zero'), 'topology/file: it is not a file'));
  test('a huge file -> refused', () =>
    assert.equal(refused(written('huge.yaml', `${SHORTEST}#${'x'.repeat(300_000)}`)), 'topology/file: at most 256 KiB are read'));
  test('bytes that are no UTF-8 -> refused', () =>
    assert.equal(
      refused(written('latin.yaml', Buffer.from('name: h\u{e9}', 'latin1'))),
      'topology/file: it has bytes that no UTF-8 text has',
    ));
  test('an empty file -> said so', () => assert.match(refused(written('empty.yaml', '')), /at least a name/));
  test('egress.ca -> read beside the file, not in the working folder', () => {
    written('ca.pem', 'no certificate');
    assert.equal(refused(written('ca.yaml', `${SHORTEST}egress: { ca: ca.pem }\n`)), 'topology/ca: it has no block BEGIN CERTIFICATE');
  });
});
