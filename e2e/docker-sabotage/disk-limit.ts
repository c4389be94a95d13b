import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../src/core/problem.ts';
import { until } from '../../src/core/wait.ts';
import type { ServiceState } from '../../src/runtimes/runtime.ts';
import { swap } from '../sabotage/sabotage.ts';
import { containerOf, NODE } from './docker-sabotage.ts';
import type { DockerStage } from './docker-stage.ts';

/** Writes 96 MiB and leaves a program behind that belongs to nobody. */
const GREEDY = `const { writeFileSync } = require('node:fs');
for (const name of ['a', 'b', 'c']) writeFileSync('/state/big-' + name, Buffer.alloc(32 * 1024 ** 2, 1));
require('node:child_process').spawn('/bin/sleep', ['1000'], { detached: true, stdio: 'ignore' }).unref();`;
const WITHIN_MS = 90_000;

/** A container that writes beyond its limit is ended and stays so, is not started anew, and comes back when there is room. */
export async function holdsBackWhoKeepsTooMuch(stage: DockerStage): Promise<void> {
  const stateOf = async (name: string): Promise<ServiceState | undefined> =>
    (await stage.runtime.observe()).find((one) => one.name === name);
  const eventually = async (wanted: ServiceState['state']): Promise<ServiceState> => {
    const ask = async (): Promise<ServiceState | undefined> => {
      const state = await stateOf(NODE);
      return state?.state === wanted ? state : undefined;
    };
    return (await until(ask, { timeoutMs: WITHIN_MS, everyMs: 300 })) ?? assert.fail(JSON.stringify(await stateOf(NODE)));
  };
  const folder = join(stage.root, 'services', NODE, 'state');
  try {
    stage.edit(`services/${NODE}/spec.json`, (text) => swap(text, '"limitMiB": 20480', '"limitMiB": 64'));
    await stage.remake([NODE]);
    const others = await pidsOf(stage);
    const wrote = await stage.runtime.inside(NODE, ['{node}', '-e', GREEDY], { timeoutMs: 30_000 });
    assert.equal(wrote.code, 0, wrote.stderr);
    assert.match(await stage.docker('top', containerOf(NODE)), /sleep 1000/);

    const held = await eventually('unhealthy');
    assert.match(
      held.lastError ?? '',
      /^its folder holds 96 MiB, its limit is 64 MiB: remove files below \/srv\/pot\/services\/node-nas\/state/,
    );
    const isAlone = async (): Promise<true | undefined> =>
      /sleep|-e /.test(await stage.docker('top', containerOf(NODE))) ? undefined : true;
    assert.ok(await until(isAlone, { timeoutMs: WITHIN_MS, everyMs: 300 }), await stage.docker('top', containerOf(NODE)));
    assert.equal((await stateOf(NODE))?.restarts, 0);
    // `up` makes whoever is not healthy anew: that one is not even begun.
    await assert.rejects(stage.runtime.start([NODE]), (error) => {
      assert.ok(error instanceof Problem);
      assert.match(
        `${error.message}: ${error.why}`,
        /node-nas is not started: there is no room for what it writes: its folder holds 96 MiB/,
      );
      return true;
    });
    assert.deepEqual(await pidsOf(stage), others, 'the others never notice');

    for (const name of readdirSync(folder)) if (name.startsWith('big-')) rmSync(join(folder, name));
    const back = await eventually('healthy');
    assert.equal(back.restarts, 0, 'the container itself never ended');
    assert.deepEqual(await pidsOf(stage), others);
  } finally {
    for (const name of readdirSync(folder)) if (name.startsWith('big-')) rmSync(join(folder, name));
    await stage.restore([NODE]);
  }
}

/** The first processes of the other services, while they are healthy. */
async function pidsOf({ runtime }: DockerStage): Promise<ReadonlyMap<string, number | undefined>> {
  const others = (await runtime.observe()).filter(({ name, state }) => name !== NODE && state === 'healthy');
  return new Map(others.map(({ name, pid }) => [name, pid]));
}
