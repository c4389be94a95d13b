import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Redacted } from '../../core/redacted.ts';
import { secretProbe } from '../probes/secret-probe.ts';
import { judgeLogs, judgeProcesses } from './leaks.ts';

describe('secretProbe', () => {
  test('any secret in any surrounding -> found, as it is and encoded', () => {
    const secret = fc.string({ minLength: 8, maxLength: 60, unit: 'grapheme-ascii' }).filter((text) => text.trim().length >= 8);
    fc.assert(
      fc.property(secret, fc.string(), (value, around) => {
        const probe = secretProbe(new Redacted(value));
        const bare = value.trim();
        for (const form of [
          bare,
          Buffer.from(bare).toString('base64'),
          Buffer.from(bare).toString('hex'),
          encodeURIComponent(bare),
          JSON.stringify(bare),
        ]) {
          assert.ok(probe.isIn(`${around}${form}${around}`));
        }
      }),
    );
  });
  test('short ones and other texts -> not found', () => {
    assert.equal(secretProbe(new Redacted('abc')).isIn('abc'), false);
    assert.equal(secretProbe(new Redacted('a-long-secret')).isIn('a-long-secre'), false);
  });
});

describe('judgeProcesses', () => {
  const probes = new Map([['key', secretProbe(new Redacted('a-long-secret'))]]);
  test('in an argument -> fail, naming secret and process and not the value', () => {
    const judged = judgeProcesses([{ name: 'node (7)', text: '--key=a-long-secret' }], probes);
    assert.equal(judged.status, 'fail');
    assert.equal(judged.message, 'secret key in node (7)');
  });
  test('nowhere -> pass; nothing to read or to look for -> unknown', () => {
    assert.equal(judgeProcesses([{ name: 'node (7)', text: '' }], probes).status, 'pass');
    assert.equal(judgeProcesses([], probes).status, 'unknown');
    assert.equal(judgeProcesses(undefined, probes).status, 'unknown');
    assert.equal(judgeProcesses([{ name: 'x', text: '' }], new Map()).status, 'unknown');
  });
});

describe('judgeLogs', () => {
  const cases: readonly (readonly [name: string, logs: Parameters<typeof judgeLogs>[0], status: string])[] = [
    ['small ones', [{ name: 'logs/gate', bytes: 10 }], 'pass'],
    [
      'one beyond its bound',
      [
        { name: 'logs/gate', bytes: 10 },
        { name: 'logs/main', bytes: 6 * 1024 ** 2 },
      ],
      'fail',
    ],
    ['none yet', [], 'unknown'],
    ['one without a size', [{ name: 'logs/gate', bytes: Number.NaN }], 'unknown'],
    ['not measured', undefined, 'unknown'],
  ];
  for (const [name, logs, status] of cases) test(`${name} -> ${status}`, () => assert.equal(judgeLogs(logs).status, status));
});
