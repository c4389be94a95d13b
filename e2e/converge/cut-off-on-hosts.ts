import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { until } from '../../src/core/wait.ts';
import { losePower, restartEngine } from '../hosts/host-restart.ts';
import { asRoot, DOCKER, HOSTS, nameOf } from '../hosts/on-hosts.ts';
import { statusOf, wellAgain, type HostsStage } from '../hosts/stage.ts';
import { changeLine, killedRun } from './killed-run.ts';

const UP_MS = 240_000;
const FOLDER = { mac: '/Users/me', nas: '/volume1/docker' } as const;

/** Runs that are cut off on two hosts, each in another way; after each, what the next one makes of it. */
export function cutOffOnHosts(stage: () => HostsStage): void {
  describe('cut-off runs', () => {
    test('first up: killed while files are written, with its connections; then while a gateway starts -> the next one is done, proven', async () => {
      await killed(stage(), changeLine('started', 'write-file', 'node-nas'));
      await dropConnections(stage());
      await killed(stage(), changeLine('started', 'start-service', 'gateway-main'));
      await nextUpIsDone(stage());
    });

    test('up: killed while a node starts, and its connection is dropped -> the next one is done, proven', async () => {
      await takeAway(stage(), 'nas', 'node-nas');
      await killed(stage(), changeLine('started', 'start-service', 'node-nas'));
      await dropConnections(stage());
      await nextUpIsDone(stage());
    });

    test('up: the engine of the NAS ends and starts again while it starts a node there -> the next one is done, proven', async () => {
      await takeAway(stage(), 'nas', 'node-nas');
      await Promise.all([
        cutOff(stage()),
        onceJournalSays(stage(), changeLine('started', 'start-service', 'node-nas'), 'nas', restartEngine),
      ]);
      await nextUpIsDone(stage());
    });

    test("up: the gateway's host loses its power while the gateway starts -> the next one is done, proven", async () => {
      await takeAway(stage(), 'mac', 'gateway-main');
      await Promise.all([
        cutOff(stage()),
        onceJournalSays(stage(), changeLine('started', 'start-service', 'gateway-main'), 'mac', losePower),
      ]);
      await nextUpIsDone(stage());
    });
  });
}

/** A run that is killed right there. */
async function killed(stage: HostsStage, line: string): Promise<void> {
  const { operator } = stage.lab;
  const { argv, env } = killedRun(['apply', '--yes', '--file', stage.file], { line });
  const ended = await operator.run(argv, { env: { ...operator.env, ...env }, timeoutMs: UP_MS });
  assert.equal(ended.signal ?? ended.code, 'SIGKILL', ended.stderr);
}

/** A run that something happens to: it may fail, and it may go on by itself; it has no bug. */
async function cutOff(stage: HostsStage): Promise<void> {
  const { code, stderr } = await stage.cli(['apply', '--yes'], { timeoutMs: UP_MS });
  assert.ok(code === 0 || code === 1 || code === 4, `exit ${code}: ${stderr}`);
}

/** The far ends of the operator's ssh connections end without a word. */
async function dropConnections({ lab }: HostsStage): Promise<void> {
  await asRoot(lab.nas, 'pids=$(pgrep -f "^sshd: admin") && kill -KILL $pids || :');
  await asRoot(lab.mac, 'pids=$(pgrep -f "^sshd: me") && kill -KILL $pids || :');
}

function takeAway(stage: HostsStage, host: 'mac' | 'nas', service: string): Promise<string> {
  return asRoot(stage.lab[host], '"$1" rm --force "$2"', DOCKER[host], `lobsterpot-${nameOf(stage)}-${service}`);
}

async function onceJournalSays(
  stage: HostsStage,
  line: string,
  host: 'mac' | 'nas',
  act: (lab: HostsStage['lab'], host: 'mac' | 'nas') => Promise<void>,
): Promise<void> {
  const path = join(stage.lab.operator.home, '.local/state/lobsterpot', nameOf(stage), 'journal.jsonl');
  const lines = (): readonly string[] => readFileSync(path, 'utf8').split('\n');
  const from = lines().length - 1;
  const isSaid = () =>
    Promise.resolve(
      lines()
        .slice(from)
        .some((one) => new RegExp(line).test(one)) || undefined,
    );
  assert.equal(await until(isSaid, { timeoutMs: 60_000, everyMs: 50 }), true, `the journal says ${line}`);
  await act(stage.lab, host);
}

async function nextUpIsDone(stage: HostsStage): Promise<void> {
  const up = await stage.cli(['apply', '--yes'], { timeoutMs: UP_MS });
  assert.equal(up.code, 0, up.stderr);
  assert.ok(await wellAgain(stage), JSON.stringify(await statusOf(stage)));
  const plan = await stage.cli(['plan']);
  assert.equal(plan.code, 0, plan.stdout + plan.stderr);
  const proof = await stage.cli(['verify'], { timeoutMs: 120_000 });
  assert.equal(proof.code, 0, proof.stdout + proof.stderr);
  assert.deepEqual(await leftovers(stage), []);
}

/** Half-written files, locks, what was kept of before, containers that neither are a service nor look at its files. */
async function leftovers(stage: HostsStage): Promise<readonly string[]> {
  const script = `find "$1" -name state -prune -o \\( -name '*.tmp' -o -name .before -o -name '.lock*' \\) -print
"$2" ps --all --format '{{.Names}}' | grep -v -E "^lobsterpot-$3-(gate|gateway-main|ingress-main|link-nas|node-nas|look)$" || :`;
  const told = HOSTS.map((host) => asRoot(stage.lab[host], script, `${FOLDER[host]}/${nameOf(stage)}`, DOCKER[host], nameOf(stage)));
  const own = asRoot(stage.lab.operator, `find "$1" -name '*.tmp'`, join(stage.lab.operator.home, '.local/state/lobsterpot'));
  return (await Promise.all([...told, own])).flatMap((one) => (one === '' ? [] : one.split('\n')));
}
