import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import type { EngineApi } from './engine-api.ts';
import { leftAmong, neededFor, removeLeft } from './left-containers.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z') / 1000;
const id = (digit: string): string => digit.repeat(64);
const LABELS = { 'lobsterpot.deployment': 'home', 'lobsterpot.seconds': '600' };
const OLD = { Id: id('a'), Names: ['/lobsterpot-home-look-0123abcd'], Created: NOW - 601, Labels: LABELS, State: 'exited' };

suite('leftAmong', () => {
  for (const [situation, container, expected] of [
    ['a look that was cut off', OLD, true],
    [
      'a keeper that still runs, long after its run',
      { ...OLD, Names: ['/lobsterpot-home-gateway-main-once-0123abcd'], State: 'running' },
      true,
    ],
    ['one that a run may still use', { ...OLD, Created: NOW - 600 }, false],
    ['made after now, by a clock that was set back', { ...OLD, Created: NOW + 5000 }, false],
    ['of another deployment', { ...OLD, Labels: { ...LABELS, 'lobsterpot.deployment': 'home-two' } }, false],
    ['with the name of another deployment', { ...OLD, Names: ['/lobsterpot-other-look-0123abcd'] }, false],
    ['a service', { ...OLD, Labels: { ...LABELS, 'lobsterpot.service': 'gate' } }, false],
    ['the one that stays for the next look', { ...OLD, Names: ['/lobsterpot-home-look'] }, false],
    ['with the name of a service', { ...OLD, Names: ['/lobsterpot-home-gateway-main'] }, false],
    ['without a name', { ...OLD, Names: [] }, false],
    ['no number', { ...OLD, Labels: { ...LABELS, 'lobsterpot.seconds': 'soon' } }, false],
    ['without a limit', { ...OLD, Labels: { 'lobsterpot.deployment': 'home' } }, false],
  ] as const) {
    test(`${situation} -> ${expected ? 'left' : 'stays'}`, () =>
      assert.deepEqual(leftAmong([container], 'home', NOW), expected ? [id('a')] : []));
  }

  test('an engine that does not tell the time -> nothing', () => assert.deepEqual(leftAmong([OLD], 'home', Number.NaN), []));

  test('neededFor: a limit -> its seconds, and some to spare', () => assert.deepEqual(neededFor(90_000), { 'lobsterpot.seconds': '690' }));
});

suite('removeLeft', () => {
  const asked: string[] = [];
  const over = (list: unknown, date = 'Sun, 22 Nov 2026 12:00:00 GMT', gone = 204): EngineApi => ({
    ask: async (method, path) => {
      asked.push(`${method} ${decodeURIComponent(path)}`);
      const headers = new Map(date === '' ? [] : [['date', date]]);
      return { status: method === 'GET' ? 200 : gone, headers, body: Buffer.from(JSON.stringify(list)) };
    },
    json: () => assert.fail('it asked for more'),
    isOpen: () => true,
    close: async () => {},
  });
  const LIST = 'GET /containers/json?all=1&filters={"label":["lobsterpot.deployment=home","lobsterpot.seconds"]}';

  for (const [situation, api, expected, removed] of [
    ['nothing', over([]), [LIST], 0],
    [
      'one, and one that is needed',
      over([OLD, { ...OLD, Id: id('b'), Created: NOW }]),
      [LIST, `DELETE /containers/${id('a')}?force=1&v=1`],
      1,
    ],
    ['one, and no clock', over([OLD], ''), [LIST], 0],
    ['one that another run removes just now', over([OLD], undefined, 409), [LIST, `DELETE /containers/${id('a')}?force=1&v=1`], 0],
  ] as const) {
    test(`${situation} -> ${removed} removed`, async () => {
      asked.length = 0;
      assert.equal(await removeLeft(api, 'home'), removed);
      assert.deepEqual(asked, expected);
    });
  }
});
