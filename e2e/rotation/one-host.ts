import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setStage, statusOf } from '../support/stage.ts';
import { gatewayTokenChapter } from './gateway-token.ts';
import { identityChapter } from './identity.ts';
import { secretChapter } from './secret.ts';

// One deployment; each chapter finds it as the one before left it.
const stage = await setStage();
after(async () => void (await stage.cli(['destroy', '--confirm', 'home'], { timeoutMs: 60_000 })));

/** The key that the model's provider does not take. */
const FIRST_KEY = 'sk-ant-the-key-before-9f3b6a41c2d7';

test('apply: a gateway and its node, with a key of its own', async () => {
  await stage.cli(['secrets', 'set', 'anthropic_api_key'], { stdin: FIRST_KEY });
  const { code, stderr } = await stage.cli(['apply', '--yes'], { timeoutMs: 180_000 });
  assert.equal(code, 0, stderr);
  assert.equal((await statusOf(stage)).code, 0);
});

for (const [what, args, code, says] of [
  ['a gateway that is not in the file', ['gateway-token', 'mian'], 3, /no gateway "mian"[^]*it has: main/],
  ['a node that is not in the file', ['identity', 'nsa'], 3, /no node "nsa"/],
  ['a node without a tunnel', ['link-key', 'nas'], 3, /has no tunnel[^]*lobsterpot rotate identity nas/],
  ['a secret that the file does not name', ['secret', 'other'], 3, /no secret "other"/],
  ['nobody who says yes', ['gateway-token', 'main'], 130, /not replaced: nothing was changed/],
] as const) {
  test(`rotate: ${what} -> exit ${code}`, async () => {
    const ended = await stage.cli(['rotate', ...args]);
    assert.deepEqual([ended.code, ended.stdout], [code, '']);
    assert.match(ended.stderr, says);
  });
}

test('rotate: the file asks for something else as well -> refused, because that would be done too', async () => {
  await stage.cli(['secrets', 'set', 'anthropic_api_key'], { stdin: `${FIRST_KEY}-x` });
  const { code, stderr } = await stage.cli(['rotate', 'gateway-token', 'main', '--yes']);
  assert.deepEqual([code, /rotate\/unsettled[^]*secret anthropic_api_key[^]*fix: {3}lobsterpot up/.test(stderr)], [1, true], stderr);
  await stage.cli(['secrets', 'set', 'anthropic_api_key'], { stdin: FIRST_KEY });
});

gatewayTokenChapter(stage);
identityChapter(stage);
secretChapter(stage, FIRST_KEY);
