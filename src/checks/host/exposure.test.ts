import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgePublished } from './exposure.ts';

describe('judgePublished', () => {
  const other = (answers: boolean) => [{ address: '192.168.1.20', answers }];
  test('loopback alone -> pass', () => assert.equal(judgePublished(18_789, true, other(false)).status, 'pass'));
  test('another address too -> fail, named', () => assert.match(judgePublished(18_789, true, other(true)).message, /192\.168\.1\.20/));
  test('nowhere -> unknown: then a closed port proves nothing', () =>
    assert.equal(judgePublished(18_789, false, other(false)).status, 'unknown'));
});
