import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { sha256 } from '../../src/core/digest.ts';
import { until } from '../../src/core/wait.ts';
import { parseJson, statusOf, type Stage } from '../support/stage.ts';

/** `down` stops, `destroy` removes. */
export function takeDownChapter(stage: Stage): void {
  test('control groups: as root, where the machine has them -> there while it runs', async () => {
    const { stdout } = await stage.cli(['status', '--json']);
    const possible = process.getuid?.() === 0 && !stdout.includes('host.memory-limit');
    assert.equal(groupsOf(stage.root).length > 0, possible);
  });

  test('down: running -> no process is left, the state is', async () => {
    const { code, stdout, stderr } = await stage.cli(['down', '--json'], { timeoutMs: 60_000 });
    assert.equal(code, 0, stderr);
    assert.deepEqual(parseJson(stdout), { deployment: 'home', stopped: ['gate', 'gateway-main', 'node-nas'] });
    // What was killed is still listed until its parent has heard of it.
    await until(() => Promise.resolve(commands(stage).length === 0 ? true : undefined), { timeoutMs: 2000, everyMs: 20 });
    assert.deepEqual(commands(stage), []);
    for (const kept of ['secrets/anthropic_api_key', 'records.json', 'services/node-nas/state/openclaw', 'services/gate/state/trail']) {
      assert.ok(existsSync(join(stage.root, kept)), kept);
    }
    assert.equal((await statusOf(stage)).code, 1);
    const plan = await stage.cli(['plan']);
    assert.equal(plan.code, 2);
    assert.match(plan.stdout, /^3 changes on 1 host\./m);
    assert.equal((await stage.cli(['down'])).code, 0);
  });

  test('destroy: not confirmed, or with another name -> 130, nothing is removed', async () => {
    for (const args of [['destroy'], ['destroy', '--confirm', 'nas']]) {
      const { code, stderr } = await stage.cli(args);
      assert.equal(code, 130, stderr);
      assert.match(stderr, /home was not removed \(scripts: --confirm home\): nothing was changed/);
      assert.ok(existsSync(join(stage.root, 'records.json')));
    }
  });

  test('destroy: confirmed -> no file, no process, no mount, no control group is left', async () => {
    const { code, stderr } = await stage.cli(['destroy', '--confirm', 'home'], { timeoutMs: 60_000 });
    assert.equal(code, 0, stderr);
    // The lock lies beside the deployments, so that it can outlive one.
    assert.deepEqual(readdirSync(dirname(stage.root)), ['.locks']);
    assert.deepEqual(commands(stage), []);
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    assert.deepEqual(
      mounts.filter((line) => line.includes(stage.root)),
      [],
    );
    assert.deepEqual(groupsOf(stage.root), []);
    assert.ok(existsSync(stage.file), "the file of the user is the user's");
    assert.equal((await stage.cli(['plan'])).code, 2);
  });
}

function commands(stage: Stage): readonly string[] {
  return stage.own().map((one) => one.command.replaceAll('\0', ' ').slice(0, 120));
}

/** Control groups that carry the name which lobsterpot gives to this folder's deployment. */
function groupsOf(root: string): readonly string[] {
  const name = `home-${sha256(root).slice(0, 8)}`;
  const base = '/sys/fs/cgroup';
  const sites = existsSync(base)
    ? [base, ...readdirSync(base, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [join(base, one.name)] : []))]
    : [];
  return sites.map((site) => join(site, 'lobsterpot', name)).filter((path) => existsSync(path));
}
