import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { run } from '../../src/hosts/run.ts';
import { changeLine, killedRun } from '../converge/killed-run.ts';
import { parseJson, setStage, statusOf, type Stage } from '../support/stage.ts';
import { wellAgain } from '../support/well-again.ts';
import { mend, NEW, OLD } from './versions-folder.ts';

const GATEWAY = 'gateway-main';
const NOTE = '/state/workspace/note.md';
const UP_MS = 180_000;

// One deployment; each test finds it as the one before left it. The old version runs a gateway alone: its node hosts cannot be held to a list.
const stage = await setStage();
const withNode = readFileSync(stage.file, 'utf8')
  .replace(`openclaw: ${NEW}`, `openclaw: ${NEW} # stays where it is`)
  // It cannot use a route either.
  .replace('    credentials: route\n', '');
const document = parseDocument(withNode);
document.delete('nodes');
const upgraded = document.toString({ lineWidth: 0 });
const first = upgraded.replace(NEW, OLD);
writeFileSync(stage.file, first);
after(async () => void (await stage.cli(['destroy', '--confirm', 'home'], { timeoutMs: 60_000 })));

const backups = z.object({
  backups: z.array(
    z.object({ backup: z.string(), service: z.string(), openclaw: z.string(), schema: z.number(), bytes: z.number(), archive: z.string() }),
  ),
});

async function list(of: Stage, ...services: readonly string[]): Promise<z.infer<typeof backups>['backups']> {
  const { stdout, stderr } = await of.cli(['backup', ...services, '--list', '--json']);
  const parsed = backups.safeParse(parseJson(stdout));
  assert.ok(parsed.success, stdout + stderr);
  return parsed.data.backups;
}

/** Runs a program in the gateway's own namespaces. */
async function inGateway(...command: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await stage.runtime.inside(GATEWAY, command, { timeoutMs: 20_000 });
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

const SCHEMA = `const {DatabaseSync} = require('node:sqlite'); const db = new DatabaseSync('/state/openclaw/state/openclaw.sqlite', {readOnly: true}); console.log(db.prepare('PRAGMA user_version').get().user_version)`;
const schema = (): Promise<string> => inGateway('{node}', '--eval', SCHEMA);
const note = (text: string): Promise<string> => inGateway('/bin/sh', '-c', 'mkdir -p "${2%/*}" && printf %s "$1" > "$2"', 'sh', text, NOTE);
const noted = (): Promise<string> => inGateway('/bin/cat', NOTE);

/** What runs, by the answer of the gateway's own program. */
async function runs(version: string): Promise<void> {
  assert.ok(await wellAgain(stage));
  assert.match(await inGateway('{node}', '{openclaw}', '--version'), new RegExp(`^OpenClaw ${version.replaceAll('.', '\\.')} `));
  const plan = await stage.cli(['plan']);
  assert.equal(plan.code, 0, plan.stdout + plan.stderr);
}

test(`up: ${OLD} -> it runs`, async () => {
  await stage.cli(['secrets', 'set', 'anthropic_api_key'], { stdin: `${stage.modelKey}\n` });
  const { code, stderr } = await stage.cli(['apply', '--yes'], { timeoutMs: UP_MS });
  assert.equal(code, 0, stderr);
  await note('then');
  await runs(OLD);
});

test('backup: while it runs -> with its versions, closed to others; nothing was restarted', async () => {
  const before = (await statusOf(stage)).services.map((one) => one.pid);
  const { code, stderr } = await stage.cli(['backup'], { timeoutMs: UP_MS });
  assert.equal(code, 0, stderr);
  const made = await list(stage);
  assert.deepEqual(
    made.map((one) => [one.service, one.openclaw, one.schema]),
    [[GATEWAY, OLD, 17]],
  );
  for (const { archive, bytes } of made) assert.deepEqual([statSync(archive).mode & 0o777, statSync(archive).size], [0o600, bytes]);
  assert.deepEqual(
    (await statusOf(stage)).services.map((one) => one.pid),
    before,
  );
});

for (const [args, exit, code] of [
  [['upgrade', '2026.6.4'], 3, 'upgrade/refused'],
  [['upgrade', '2026.9.7'], 3, 'upgrade/refused'],
  [['upgrade', 'latest'], 3, 'upgrade/refused'],
  [['restore', 'nobody'], 3, 'backup/service'],
  [['restore', 'main', 'never'], 3, 'backup/none'],
  [['restore', 'main'], 130, 'cli/cancelled'],
] as const) {
  test(`${args.join(' ')}: -> ${code}, the file as it was`, async () => {
    const ended = await stage.cli([...args, '--json']);
    assert.equal(ended.code, exit, ended.stderr);
    assert.match(ended.stdout, new RegExp(`"code": "${code}"`));
    assert.equal(readFileSync(stage.file, 'utf8'), first);
  });
}

test(`upgrade: a ${NEW} that never gets healthy -> version, state and file of before are back, and it says so`, async () => {
  const { code, stderr } = await stage.cli(['upgrade', NEW, '--yes'], { timeoutMs: UP_MS });
  assert.equal(code, 1, stderr);
  assert.match(stderr, /the upgrade from OpenClaw 2026\.9\.4 to 2026\.9\.6 failed; OpenClaw 2026\.9\.4 runs again, with its state/);
  assert.match(stderr, /the test has broken this version/);
  assert.equal(readFileSync(stage.file, 'utf8'), first);
  await runs(OLD);
  assert.deepEqual([await schema(), await noted()], ['17', 'then']);
});

/** The upgrade, killed at the first record of the journal that looks so. */
async function killed(line: string): Promise<void> {
  const { argv, env } = killedRun(['upgrade', NEW, '--yes'], { line });
  const { signal, stderr } = await run(argv, { cwd: stage.home, env: { ...stage.env, ...env }, timeoutMs: UP_MS });
  assert.equal(signal, 'SIGKILL', stderr);
}

test(`upgrade: the real ${NEW}, killed while it starts, then before its proof; typed again -> proven; the file has it, and its comment`, async () => {
  const [name] = readdirSync(join(data(), 'runtimes')).filter((one) => one.includes(NEW));
  mend(data(), name ?? '');
  await killed(changeLine('started', 'start-service', GATEWAY));
  await killed('"event":"end","outcome":"done"');
  const { code, stderr } = await stage.cli(['upgrade', NEW, '--yes'], { timeoutMs: UP_MS });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /the upgrade from OpenClaw 2026\.9\.4 to 2026\.9\.6 was cut off; going on with it/);
  assert.equal(readFileSync(stage.file, 'utf8'), upgraded);
  assert.match(stderr, /proof +\d+ pass, 0 fail/);
  await runs(NEW);
  assert.deepEqual([await schema(), await noted()], ['18', 'then']);
});

test(`up: the file says ${OLD} again -> refused before anything is touched`, async () => {
  writeFileSync(stage.file, first);
  for (const command of ['up', 'apply']) {
    const { code, stderr } = await stage.cli([command, '--yes']);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /cannot run on what 2026\.9\.6 left.*\n.*\n.*lobsterpot restore --openclaw 2026\.9\.4/);
  }
  writeFileSync(stage.file, upgraded);
  await runs(NEW);
});

test('restore: one service -> the state of the backup; the one from before is kept', async () => {
  await stage.cli(['backup', 'main'], { timeoutMs: UP_MS });
  await note('now');
  const { code, stderr } = await stage.cli(['restore', 'main', '--yes'], { timeoutMs: UP_MS });
  assert.equal(code, 0, stderr);
  assert.equal(await noted(), 'then');
  await runs(NEW);
});

test(`restore --openclaw ${OLD}: -> the version and the states of then, and the file says so`, async () => {
  const { code, stderr } = await stage.cli(['restore', '--openclaw', OLD, '--yes'], { timeoutMs: UP_MS });
  assert.equal(code, 0, stderr);
  assert.equal(readFileSync(stage.file, 'utf8'), first);
  await runs(OLD);
  assert.equal(await schema(), '17');
});

test(`restore: a backup that ${NEW} made, under ${OLD} -> refused`, async () => {
  const [newest] = (await list(stage, 'main')).filter((one) => one.openclaw === NEW);
  const { code, stdout } = await stage.cli(['restore', 'main', newest?.backup ?? '', '--yes', '--json']);
  assert.equal(code, 3);
  assert.match(stdout, /"code": "backup\/newer"/);
});

test(`up: the file was edited by hand to ${NEW}, with a node that it can hold -> the same as upgrade`, async () => {
  writeFileSync(stage.file, withNode);
  const { code, stderr } = await stage.cli(['up', '--yes', '--accept', 'exposure'], { timeoutMs: UP_MS });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /backup +1 made with OpenClaw 2026\.9\.4/);
  await runs(NEW);
  assert.deepEqual([await schema(), await noted()], ['18', 'then']);
});

test('restore: a node -> it is the same device, and still under its list', async () => {
  const before = (await statusOf(stage)).nodes;
  await stage.cli(['backup', 'nas'], { timeoutMs: UP_MS });
  const { code, stderr } = await stage.cli(['restore', 'nas', '--yes'], { timeoutMs: UP_MS });
  assert.equal(code, 0, stderr);
  assert.ok(await wellAgain(stage));
  assert.deepEqual((await statusOf(stage)).nodes, before);
  const refused = await stage.cli(['exec', 'nas', '--', '/usr/bin/uname', '-a'], { timeoutMs: 60_000 });
  assert.equal(refused.code, 1);
});

test('restore: a damaged archive -> refused, the service was not touched', async () => {
  const [newest] = await list(stage, 'nas');
  const pid = (await statusOf(stage)).services.find((one) => one.name === 'node-nas')?.pid;
  const bytes = readFileSync(newest?.archive ?? '');
  writeFileSync(newest?.archive ?? '', Buffer.concat([bytes.subarray(0, -1), Buffer.from([1 + (bytes.at(-1) ?? 0)])]));
  const { code, stdout } = await stage.cli(['restore', 'nas', '--yes', '--json']);
  assert.equal(code, 1);
  assert.match(stdout, /"code": "backup\/damaged"/);
  assert.equal((await statusOf(stage)).services.find((one) => one.name === 'node-nas')?.pid, pid);
});

test('prune: asks; then old backups, states that were moved aside and versions that nothing runs are gone', async () => {
  const asked = await stage.cli(['prune', '--keep', '1']);
  assert.equal(asked.code, 130, asked.stdout);
  assert.match(asked.stderr, /moved aside +gateway-main/);
  const { code, stdout, stderr } = await stage.cli(['prune', '--keep', '1', '--yes'], { timeoutMs: 60_000 });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /openclaw +- +openclaw-2026\.9\.4-/);
  const left = readdirSync(join(data(), 'runtimes'));
  assert.ok(left.length === 1 && left[0]?.includes(NEW), left.join(' '));
  assert.equal((await list(stage)).length, 2);
  assert.equal(await inGateway('/bin/sh', '-c', 'ls /state/.lobsterpot/aside'), '');
  const again = await stage.cli(['prune', '--keep', '1', '--yes']);
  assert.equal(again.stdout, 'nothing to remove\n');
  await runs(NEW);
});

function data(): string {
  return process.env['LOBSTERPOT_E2E_DATA'] ?? '';
}
