import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { judgeRefusal } from '../src/converge/rotate/judge.ts';
import { run } from '../src/hosts/run.ts';
import { authorizedLine } from '../src/link/authorized-line.ts';
import { generateLinkKey } from '../src/link/link-key.ts';
import type { RunNear } from '../src/link/prove-link.ts';
import { tryOldKey } from '../src/link/try-old-key.ts';
import { gatewayStandIn, linkStage, startSshd } from './link/link-stage.ts';
import { sshdRefusal } from './ssh/start-sshd.ts';

const used: string[] = [];
const near: RunNear = (argv, options) => {
  used.push(...argv.filter((word) => word.startsWith('/tmp/lobsterpot-key-')));
  return run(
    argv.map((word) => (word === '{node}' ? process.execPath : word)),
    options,
  );
};
const ASKED = { checkId: 'rotate.link-key', subject: 'link-nas', what: 'tunnel key of node nas', again: 'lobsterpot rotate link-key nas' };

test('the old key of a tunnel, tried at a real sshd', { skip: sshdRefusal() ?? false, timeout: 120_000 }, async (t) => {
  await using stage = linkStage();
  await using gateway = await gatewayStandIn();
  const [old, now] = [generateLinkKey(), generateLinkKey()];
  const line = ({ publicKey }: { readonly publicKey: string }): string =>
    `${authorizedLine({ publicKey, gatewayPort: gateway.port, deployment: 'home', node: 'nas' })}\n`;
  const sshd = await startSshd(stage);
  const command = stage.command(now.privateKey, { port: sshd.port, gatewayPort: gateway.port });

  for (const [what, lines, states, status] of [
    ['only the new one is let in', [now], ['refused', 'taken'], 'pass'],
    ['the old one is let in as well', [old, now], ['taken', 'taken'], 'fail'],
    ['only the old one is let in', [old], ['taken', 'refused'], 'fail'],
    ['neither is let in', [], ['refused', 'refused'], 'unknown'],
  ] as const) {
    await t.test(`${what} -> ${status}`, async () => {
      writeFileSync(stage.authorizedKeys, lines.map(line).join(''), { mode: 0o600 });
      const trial = await tryOldKey(near, command, old.privateKey);
      assert.deepEqual([trial.old.state, trial.control.state], states, JSON.stringify(trial));
      assert.equal(judgeRefusal(ASKED, trial.old, trial.control).status, status);
    });
  }

  await t.test('the host does not answer -> unknown', async () => {
    await sshd[Symbol.asyncDispose]();
    const trial = await tryOldKey(near, command, old.privateKey);
    assert.deepEqual([trial.old.state, trial.control.state], ['unclear', 'unclear'], JSON.stringify(trial));
  });

  await t.test('its file -> gone after each trial', () => {
    assert.equal(used.length, 5);
    assert.deepEqual(used.filter(existsSync), []);
  });
});
