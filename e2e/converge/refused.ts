import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { apply } from '../../src/converge/apply.ts';
import { makeEngine } from '../../src/converge/make-engine.ts';
import { workspaceFrom } from '../../src/converge/workspace.ts';
import { Problem } from '../../src/core/problem.ts';
import { gateBundle } from '../../src/gate/bundle.ts';
import { localHost } from '../../src/hosts/local-host.ts';
import type { Deployment } from '../../src/topology/deployment.ts';
import { loadDeployment } from '../../src/topology/load.ts';
import { statusOf, type Stage } from '../support/stage.ts';

/** The file's deployment with a channel that OpenClaw's own check of its configuration does not take: no file can ask for it. */
function refusedDeployment(file: string): Deployment {
  const deployment = loadDeployment(file);
  // A secret that is there: without one the channel would be left out.
  const telegram = { botToken: { secret: 'anthropic_api_key' }, allowFrom: JSON.parse('[{}]') };
  return { ...deployment, gateways: deployment.gateways.map((one) => ({ ...one, channels: { telegram } })) };
}

/** A configuration that OpenClaw refuses: what ran before runs again. */
export function refusedChapter(stage: Stage): void {
  test(
    'apply: a configuration that OpenClaw refuses -> told, the files are those from before, and it runs on',
    { timeout: 240_000 },
    async () => {
      const CONFIG = join(stage.root, 'services/gateway-main/config/openclaw.json');
      const before = readFileSync(CONFIG, 'utf8');
      const engine = await makeEngine({
        deployment: refusedDeployment(stage.file),
        file: stage.file,
        host: localHost('this-machine'),
        workspace: workspaceFrom(stage.env),
        gateBundle,
      });
      const options = { command: 'lobsterpot apply', onNote: () => undefined };
      const failure: unknown = await apply(engine, { ...options, around: (_change, work) => work(() => undefined) }).then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.ok(failure instanceof Problem, String(failure));
      assert.match(failure.why, /the files are those from before, and nothing that ran was touched$/);
      assert.equal(readFileSync(CONFIG, 'utf8'), before);
      assert.equal(
        (await statusOf(stage)).services.every((one) => one.state === 'healthy'),
        true,
      );
      assert.match(readFileSync(join(stage.root, 'journal.jsonl'), 'utf8').trim().split('\n').at(-1) ?? '', /"outcome":"restored"/);
      assert.equal((await stage.cli(['plan'])).code, 0);
      // The node may not be back yet from what was done before: then its exec policy is unchecked.
      assert.match((await stage.cli(['drift'])).stdout, /nothing (was changed by hand|that could be looked at was changed)/);
    },
  );
}
