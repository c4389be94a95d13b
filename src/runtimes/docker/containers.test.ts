import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import type { ServiceState } from '../runtime.ts';
import { stateOf, type InspectedContainer } from './containers.ts';

const STARTED = '2026-11-22T04:00:00.5Z';
type State = Partial<InspectedContainer['State']>;

suite('docker stateOf', () => {
  const table: ReadonlyArray<readonly [string, State, Partial<ServiceState>]> = [
    ['runs and is healthy', { Health: { Status: 'healthy' } }, { state: 'healthy', pid: 42 }],
    ['runs and is not yet healthy', { Health: { Status: 'starting' } }, { state: 'starting' }],
    ['runs without a health check', { Health: null }, { state: 'starting' }],
    [
      'runs and is unhealthy',
      { Health: { Status: 'unhealthy' } },
      { state: 'unhealthy', lastError: 'it is not ready, or does not answer any more' },
    ],
    ['passed its last test', { Health: { Status: 'healthy', FailingStreak: 0 } }, { state: 'healthy' }],
    ['failed its last test, while the engine still counts', { Health: { Status: 'healthy', FailingStreak: 1 } }, { state: 'unhealthy' }],
    ['waits for its next start', { Status: 'restarting', ExitCode: 78 }, { state: 'backing-off', lastError: 'it ended with exit code 78' }],
    [
      'is held back by the watch over its folder, while the engine still counts',
      { Health: { Status: 'healthy', Log: [{ Output: '' }, { Output: '{"limitKiB":64,"usedKiB":65,"atMs":1,"held":"full"}\n' }] } },
      { state: 'unhealthy', lastError: 'full', disk: { limitKiB: 64, usedKiB: 65, atMs: 1, held: 'full' } },
    ],
    [
      'runs below its limit',
      { Health: { Status: 'healthy', Log: [{ Output: '{"limitKiB":64,"usedKiB":3}' }] } },
      { state: 'healthy', disk: { limitKiB: 64, usedKiB: 3 } },
    ],
    ['tells nonsense of its folder', { Health: { Status: 'healthy', Log: [{ Output: 'x' }] } }, { state: 'healthy' }],
    ['was killed for memory', { Status: 'restarting', ExitCode: 137, OOMKilled: true }, { state: 'backing-off' }],
    ['was stopped', { Status: 'exited', Pid: 0 }, { state: 'stopped' }],
    [
      'was made and never started',
      { Status: 'created', Pid: 0, StartedAt: '0001-01-01T00:00:00Z', Error: 'no \u001b[31mport' },
      { state: 'stopped', lastError: 'no \u{fffd}[31mport' },
    ],
    ['is paused', { Status: 'paused' }, { state: 'unhealthy', lastError: 'it was paused by hand' }],
    ['is in a state nobody knows', { Status: 'novel' }, { state: 'stopped' }],
  ];
  for (const [what, state, expected] of table) {
    test(`a container that ${what} -> ${expected.state}`, () => {
      const found = stateOf(container(state));
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(Reflect.get(found, key), value);
      assert.equal(found.name, 'gate');
      assert.equal(found.sinceMs, state.StartedAt === undefined ? Date.parse(STARTED) : undefined);
    });
  }
});

suite('stateOf: what was changed by hand', () => {
  const made = { ...container({}), Config: { Labels: { 'lobsterpot.networks': 'x.a x.b' } } };
  const within = (...names: readonly string[]) => ({
    ...made,
    NetworkSettings: { Networks: Object.fromEntries(names.map((name) => [name, {}])) },
  });
  for (const [what, changed, drift] of [
    ['nothing', within('x.b', 'x.a'), undefined],
    ['one more network', within('x.a', 'x.b', 'rvnet'), 'somebody put it into the network rvnet'],
    ['one network less', within('x.a'), 'somebody took it out of the network x.b'],
    ['no restarts', { ...within('x.a', 'x.b'), HostConfig: { RestartPolicy: { Name: 'no' } } }, 'its restart policy is no and not always'],
  ] as const) {
    test(`${what} -> ${drift ?? 'no drift'}`, () => {
      assert.equal(stateOf(changed).drift, drift);
    });
  }
});

function container(state: State): InspectedContainer {
  return {
    Id: 'a',
    State: { Status: 'running', Pid: 42, ExitCode: 0, OOMKilled: false, Error: '', StartedAt: STARTED, ...state },
    HostConfig: { RestartPolicy: { Name: 'always' } },
    NetworkSettings: { Networks: { 'lobsterpot-home.a.b': {} } },
    RestartCount: 1,
    Config: { Labels: { 'lobsterpot.service': 'gate', 'lobsterpot.spec': 'abc' } },
  };
}
