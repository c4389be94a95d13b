import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { smallEngine } from '../rotate/testing/small-engine.ts';
import { backUpAll } from './back-up-all.ts';

test("backUpAll: another machine's run has the host -> refused, and nothing is asked of the service", async () => {
  using small = smallEngine();
  const site = await small.engine.site('here');
  assert.ok(site);
  const root = join(small.engine.root, '../elsewhere');
  mkdirSync(root);
  writeFileSync(join(root, '.lock'), '{}');
  const engine = { ...small.engine, site: async () => ({ ...site, root }) };
  await assert.rejects(
    backUpAll(engine, new Set(['gateway-main']), 'lobsterpot backup', () => undefined),
    { code: 'converge/host-locked', exit: 5 },
  );
  assert.deepEqual(small.calls, []);
});
