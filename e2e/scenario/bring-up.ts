import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { slowness } from '../support/slowness.ts';
import { parseJson, statusOf, type Stage } from '../support/stage.ts';

const proof = z
  .object({ green: z.boolean(), held: z.boolean(), findings: z.array(z.looseObject({ checkId: z.string(), status: z.string() })) })
  .nullable();
const upDocument = z.object({ deployment: z.string(), changes: z.array(z.object({ kind: z.string() })), proof });

/** From an empty home to a running deployment, and nothing to do after it. */
export function bringUpChapter(stage: Stage): void {
  let proven: z.infer<typeof proof> = null;

  test('secrets set: the key from stdin -> stored, not shown', async () => {
    const { code, stdout, stderr } = await stage.cli(['secrets', 'set', 'anthropic_api_key'], { stdin: `${stage.modelKey}\n` });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /stored anthropic_api_key \(used by gate;/);
  });

  test('up: an empty machine -> exit 0, every service healthy, the node connected', async () => {
    const { code, stdout, stderr } = await stage.cli(['up', '--yes', '--json'], { timeoutMs: 180_000 });
    const { deployment, changes, ...rest } = upDocument.parse(parseJson(stdout));
    proven = rest.proof;
    assert.equal(code, 0, stderr + bad(proven));
    assert.equal(deployment, 'home');
    for (const kind of ['generate-secret', 'place-secret', 'write-file', 'start-service', 'enrol-node']) {
      assert.ok(
        changes.some((change) => change.kind === kind),
        `no ${kind} in ${stdout}`,
      );
    }
    assert.equal(
      changes.some((change) => change.kind === 'install-runtime'),
      false,
    );
    // Without a terminal: whole lines, no carriage return, no colour.
    for (const letter of ['\r', '\u001b']) assert.equal(stderr.includes(letter), false);
    for (const line of [/^  gate +healthy +\d/m, /^  gateway main +healthy +\d/m, /^  node host nas +enrolled, 4 commands +\d/m])
      assert.match(stderr, line);
    const seen = await statusOf(stage);
    assert.deepEqual(
      seen.services.map((one) => `${one.name} ${one.state}`),
      ['gate healthy', 'gateway-main healthy', 'node-nas healthy'],
    );
    assert.deepEqual(
      seen.nodes.map((one) => `${one.name} ${one.state}`),
      ['nas connected'],
    );
    assert.deepEqual({ strangers: seen.strangers, code: seen.code }, { strangers: [], code: 0 });
  });

  test('up: its proof -> everything was tried and held', () => {
    assert.equal(bad(proven), '');
    assert.deepEqual([proven?.green, proven?.held], [true, true]);
    assert.ok((proven?.findings.length ?? 0) > 50);
  });

  test('plan: after up -> exit 0, empty, the same bytes twice', async () => {
    const human = await stage.cli(['plan']);
    assert.deepEqual([human.code, human.stdout], [0, 'nothing to do: everything is as the file says\n']);
    const [first, second] = [await stage.cli(['plan', '--json']), await stage.cli(['plan', '--json'])];
    assert.deepEqual(parseJson(first.stdout), { deployment: 'home', changes: [], widens: [] });
    assert.equal(second.stdout, first.stdout);
  });

  test('up: again -> no change, no process is another, under 3 s', async () => {
    const pids = (await statusOf(stage)).services.map((one) => one.pid);
    const busyBefore = await slowness();
    const { code, stdout, ms, stderr } = await stage.cli(['up', '--yes', '--json'], { timeoutMs: 60_000 });
    const busy = Math.max(busyBefore, await slowness());
    assert.equal(code, 0, stderr);
    const { changes, ...rest } = upDocument.parse(parseJson(stdout));
    assert.deepEqual([changes, rest.proof], [[], null]);
    assert.deepEqual(
      (await statusOf(stage)).services.map((one) => one.pid),
      pids,
    );
    assert.ok(ms < 3000 * busy, `it took ${Math.round(ms)} ms, on a machine that is ${busy.toFixed(1)} times slower than usual`);
  });
}

/** What of a proof is neither a pass nor told as not enforceable here, a line each. */
function bad(found: z.infer<typeof proof>): string {
  const open = found?.findings.filter((one) => one.status === 'fail' || one.status === 'unknown') ?? [];
  return open.map((one) => JSON.stringify(one)).join('\n');
}
