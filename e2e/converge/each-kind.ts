import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseDocument } from 'yaml';
import { PLAIN_PATH, run } from '../../src/hosts/run.ts';
import { leaksBelow } from '../support/leaks.ts';
import { statusOf, type Stage } from '../support/stage.ts';
import { wellAgain } from '../support/well-again.ts';
import { changeLine, killedRun } from './killed-run.ts';

const RUN_MS = 180_000;

/** Something that `up` has to do, and the record of it at which it is killed. */
type Sample = {
  readonly name: string;
  readonly killAt: string;
  readonly begin: (stage: Stage) => unknown;
  readonly args?: readonly string[];
};

const at = ({ root }: Stage, path: string): string => join(root, path);

/** The deployment's file without its node, or with it again. */
function withoutNode(stage: Stage): void {
  const document = parseDocument(readFileSync(stage.file, 'utf8'));
  document.delete('nodes');
  writeFileSync(stage.file, document.toString({ lineWidth: 0 }));
}

function samplesOf(whole: string): readonly Sample[] {
  return [
    {
      name: 'a secret was placed, and its service runs on without it',
      killAt: changeLine('done', 'place-secret'),
      begin: (stage) => rmSync(at(stage, 'services/gateway-main/secrets/anthropic_api_key')),
    },
    {
      name: 'a gateway is about to start',
      killAt: changeLine('started', 'start-service', 'gateway-main'),
      begin: ({ runtime }) => runtime.stop(['gateway-main']),
    },
    {
      name: 'a node was started',
      killAt: changeLine('done', 'start-service', 'node-nas'),
      begin: ({ runtime }) => runtime.stop(['node-nas']),
    },
    {
      name: 'a service that is not in the file any more is about to be stopped',
      killAt: changeLine('started', 'stop-service'),
      begin: withoutNode,
    },
    {
      name: 'a node is about to be enrolled',
      killAt: changeLine('started', 'enrol-node'),
      begin: ({ file }) => writeFileSync(file, whole),
      args: ['--accept', 'exposure'],
    },
    {
      name: 'an exec policy is about to be set',
      killAt: changeLine('started', 'set-exec-policy'),
      begin: ({ file }) =>
        writeFileSync(file, whole.replace('- path: /usr/bin/uname', '- path: /usr/bin/id\n        - path: /usr/bin/uname')),
      args: ['--accept', 'exposure'],
    },
    {
      name: 'everything is about to be stopped (down)',
      killAt: '"command":"lobsterpot down".*"event":"begin"',
      begin: ({ file }) => writeFileSync(file, whole),
    },
  ];
}

/**
 * Kills one run right before or after a change of each kind that the real OpenClaw has a part in (those of files: up-walk.e2e.test.ts); after
 * each, one more `up` must do all that is claimed of it.
 */
export function eachKindChapter(stage: Stage): void {
  const whole = readFileSync(stage.file, 'utf8');
  for (const { name, killAt, begin, args = [] } of samplesOf(whole)) {
    test(`killed when ${name} -> the next up is done; verify green, nothing to do, nothing left over, no secret but in its file`, async (t) => {
      await begin(stage);
      const command = killAt.includes('lobsterpot down') ? ['down'] : ['apply', '--yes', ...args];
      const { argv, env } = killedRun(command, { line: killAt });
      const ended = await run(argv, { cwd: stage.home, env: { ...stage.env, PATH: PLAIN_PATH, ...env }, timeoutMs: RUN_MS });
      assert.equal(ended.signal ?? ended.code, 'SIGKILL', ended.stderr);
      const up = await stage.cli(['apply', '--yes', ...args], { timeoutMs: RUN_MS });
      assert.equal(up.code, 0, up.stderr);
      assert.ok(await wellAgain(stage), JSON.stringify(await statusOf(stage)));
      const verify = await stage.cli(['verify'], { timeoutMs: RUN_MS });
      assert.equal(verify.code, 0, `${verify.stdout}\n${verify.stderr}`);
      t.diagnostic(`up ${Math.round(up.ms)} ms, verify ${Math.round(verify.ms)} ms`);
      const plan = await stage.cli(['plan']);
      assert.equal(plan.code, 0, plan.stdout);
      assert.deepEqual(leftovers(stage), []);
      assert.deepEqual(secretsOutside(stage), []);
    });
  }
}

/** Files below the deployment's folder that a write that was cut off, or a run, left behind. */
export function leftovers(stage: Stage): readonly string[] {
  const all = readdirSync(stage.root, { recursive: true, encoding: 'utf8' });
  return all.filter((path) => /\.tmp$|\.partial$|(^|\/)\.before(\/|$)|^upgrade\.json$/.test(path) && !path.includes('/state/'));
}

/** Files that hold a secret's value and are not the one that is meant to. */
export function secretsOutside(stage: Stage): readonly string[] {
  const folder = join(stage.root, 'secrets');
  const planted = readdirSync(folder).map((name) => ({ name, value: readFileSync(join(folder, name), 'utf8').trim() }));
  assert.ok(planted.length > 1);
  return leaksBelow(stage.root, planted, (path) => /(^|\/)secrets\/[^/.][^/]*$/.test(path) || path.includes('/state/')).found.map(
    (one) => one.path,
  );
}
