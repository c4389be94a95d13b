import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, suite, test } from 'node:test';
import { lintConfigText } from './lint-config.mjs';
import { root } from './lib/root.mjs';
import { ROOMS } from './rooms.mjs';

const TABLE = [
  // file, import, refused because
  ['src/policy/a.ts', '../core/problem.ts', undefined],
  ['src/policy/a.ts', './rule.ts', undefined],
  ['src/policy/a.ts', '../gate/main.ts', 'src/policy may import core'],
  ['src/policy/a.test.ts', '../gate/main.ts', 'src/policy may import core'],
  ['src/core/a.ts', '../policy/rule.ts', 'src/core may import no other room'],
  ['src/topology/a.ts', '../openclaw/exec-policy.ts', 'src/topology may import core, policy'],
  ['src/runtimes/process/a.ts', '../../services/service.ts', undefined],
  ['src/runtimes/process/a.ts', '../runtime.ts', undefined],
  // A folder inside a room may be called as a room is.
  ['src/cli/egress/a.ts', '../gate/words.ts', undefined],
  ['src/runtimes/process/a.ts', '../../converge/plan.ts', 'src/runtimes may import core'],
  ['src/runtimes/process/supervisor/a.ts', '../../../converge/plan.ts', 'src/runtimes may import core'],
  ['src/policy/a.ts', '../../package.json', 'stays inside src/'],
  ['src/runtimes/process/a.ts', '../../../package.json', 'stays inside src/'],
  ['src/policy/a.ts', 'node:child_process', 'only src/hosts starts processes'],
  ['src/policy/a.ts', 'child_process', 'only src/hosts starts processes'],
  ['src/policy/a.test.ts', 'node:child_process', undefined],
  ['src/openclaw/testing/a.ts', 'node:child_process', undefined],
  ['src/hosts/a.ts', 'node:child_process', undefined],
];

suite('the table of rooms as lint sees it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-rooms-'));
  after(() => rmSync(folder, { recursive: true }));
  const config = JSON.parse(lintConfigText());
  // Types are not asked for: there is no project in the folder.
  writeFileSync(join(folder, '.oxlintrc.json'), JSON.stringify({ ...config, $schema: undefined, options: {} }));

  for (const [file, target, refusal] of TABLE) {
    test(`${file} imports ${target} -> ${refusal === undefined ? 'allowed' : `refused: ${refusal}`}`, () => {
      const path = join(folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `import { a } from '${target}';\na();\n`);
      const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), '-f', 'json', file], {
        cwd: folder,
        encoding: 'utf8',
        timeout: 30_000,
      });
      rmSync(path);
      const told = JSON.parse(stdout).diagnostics.filter((one) => one.code.includes('no-restricted-imports'));
      assert.equal(told.length, refusal === undefined ? 0 : 1, stdout);
      if (refusal !== undefined) {
        assert.ok(told[0].help.includes(refusal), stdout);
        assert.ok(told[0].help.includes('scripts/rooms.mjs'), stdout);
      }
    });
  }

  test('.oxlintrc.json is what the table says', () => assert.equal(readFileSync(join(root, '.oxlintrc.json'), 'utf8'), lintConfigText()));

  test('dependencies point one way: no room can reach itself', () => {
    const reach = (room, seen = new Set()) => {
      for (const next of ROOMS[room]) if (!seen.has(next)) reach(next, seen.add(next));
      return seen;
    };
    for (const room of Object.keys(ROOMS)) assert.ok(!reach(room).has(room), room);
  });
});
