import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lintConfigText } from './lint-config.mjs';
import { capture } from './lib/capture.mjs';
import { houseRules } from './lib/house-rules.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { projectNode } from './lib/node.mjs';
import { root } from './lib/root.mjs';
import { say, seconds } from './lib/say.mjs';

// npm run check [PART OF A NAME]: everything is run even when something fails, so that one run tells all.
await ensureInstalled();
const node = projectNode();
const tool =
  (script, ...args) =>
  async () => {
    const ended = await capture(node, [join(root, script), ...args]);
    return ended.ok ? [] : [`${ended.stdout}${ended.stderr}`.trim() || 'it failed without a word'];
  };

const CHECKS = {
  types: tool('node_modules/typescript/bin/tsc', '-p', '.'),
  rooms: () =>
    readFileSync(join(root, '.oxlintrc.json'), 'utf8') === lintConfigText()
      ? []
      : ['.oxlintrc.json is not what scripts/rooms.mjs says: run npm run golden'],
  lint: tool('node_modules/oxlint/bin/oxlint', '--deny-warnings'),
  format: tool('node_modules/oxfmt/bin/oxfmt', '--check', '.'),
  'dead code': tool('node_modules/knip/bin/knip.js', '--no-progress'),
  documents: tool('scripts/docs/write.ts', '--check'),
  'house rules': houseRules,
};

const [asked] = process.argv.slice(2);
const names = Object.keys(CHECKS).filter((name) => asked === undefined || name.includes(asked));
let failed = 0;
for (const name of names) {
  const began = performance.now();
  const faults = await CHECKS[name]();
  if (faults.length > 0) {
    failed += 1;
    console.log(faults.join('\n'));
  }
  say(`${faults.length === 0 ? 'pass' : 'FAIL'}  ${name.padEnd(12)} ${seconds(began)}`);
}
console.log(`${names.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 && names.length > 0 ? 0 : 1;
