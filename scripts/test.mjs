import { ensureInstalled } from './lib/install.mjs';
import { SUITES, runSuite } from './lib/run-tests.mjs';
import { fail, say } from './lib/say.mjs';
import { ensureTools } from './lib/tools.mjs';

// npm test [unit|e2e|net] [PART OF A PATH]; without arguments: unit, then e2e.
const [asked, only] = process.argv.slice(2);
if (asked !== undefined && !Object.hasOwn(SUITES, asked))
  fail(`there are no tests called ${asked}`, `there are: ${Object.keys(SUITES).join(', ')}`, 'npm test -- unit');
const names = asked === undefined ? ['unit', 'e2e'] : [asked];

await ensureInstalled();
if (names.includes('e2e')) ensureTools();

const results = [];
for (const name of names) {
  say(SUITES[name].title);
  results.push(await runSuite(name, only));
}

// In CI an end-to-end test that did not run is as bad as one that failed: it proves nothing.
const strict = process.env.CI === 'true';
let failed = 0;
for (const one of results) {
  failed += one.failed;
  say(
    `${one.title}: ${one.files === 0 ? 'none' : `${one.passed} passed, ${one.failed} failed, ${one.skips.length} skipped in ${one.files} files`}`,
  );
  if (one.broken) say(`  ${one.broken}`);
  for (const skip of one.skips) say(`  skipped: ${skip.name}: ${skip.reason === '' ? 'no reason was given' : skip.reason}`);
  if (strict && one.name === 'e2e' && one.skips.length > 0) {
    failed += one.skips.length;
    say(`  with CI=true ${one.skips.length} skipped end-to-end tests count as failed`);
  }
}
const passed = results.reduce((sum, one) => sum + one.passed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
