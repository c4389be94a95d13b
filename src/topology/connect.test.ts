import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Connect } from './deployment.ts';
import { readConnect } from './connect.ts';

suite('readConnect', () => {
  const table: readonly (readonly [string, Connect])[] = [
    ['local', { kind: 'local' }],
    ['ssh://nas', { kind: 'ssh', host: 'nas' }],
    ['ssh://nas/', { kind: 'ssh', host: 'nas' }],
    ['ssh://admin@nas.local:22', { kind: 'ssh', host: 'nas.local', user: 'admin', port: 22 }],
    ['ssh://a.b@example@10.0.0.2', { kind: 'ssh', host: '10.0.0.2', user: 'a.b@example' }],
    ['ssh://[fd00::1]:2222', { kind: 'ssh', host: 'fd00::1', port: 2222 }],
  ];
  for (const [written, expected] of table) {
    test(`${written} -> ${JSON.stringify(expected)}`, () => assert.deepEqual(readConnect(written), expected));
  }

  test('any text -> parts that ssh takes for no option, or a fault that does not repeat it', () => {
    const text = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom('ssh://', 'a', '-o', '@', ':', '/', '[', ']', '22', '\n', ' '), { maxLength: 8 })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (written) => {
        const read = readConnect(`ssh://${written}`);
        if ('cause' in read) {
          if (written.length > 30) assert.ok(!`${read.cause}${read.change}`.includes(written));
          return;
        }
        if (read.kind === 'local') assert.fail('an address was read as this machine');
        for (const part of [read.host, read.user ?? 'x']) assert.match(part, /^[A-Za-z0-9_][^\s/[\]]*$/);
        if (read.port !== undefined) assert.ok(read.port > 0 && read.port < 65_536);
      }),
      { numRuns: 2000 },
    );
  });
});
