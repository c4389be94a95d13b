import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ensureInstalled } from './lib/install.mjs';
import { SUITES, runSuite } from './lib/run-tests.mjs';
import { fail, say } from './lib/say.mjs';
import { ensureTools } from './lib/tools.mjs';

// npm test [unit|e2e|net] [PART OF A PATH...]; without arguments: unit, then e2e.
// --ran FILE writes down the names of the tests that passed; --excuse FILE lets those be skipped here: a test that
// needs root is not lost when an ordinary user skips it, as long as root has run it.
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { ran: { type: 'string' }, excuse: { type: 'string' } },
});
const [asked, ...parts] = positionals;
if (asked !== undefined && !Object.hasOwn(SUITES, asked))
  fail(`there are no tests called ${asked}`, `there are: ${Object.keys(SUITES).join(', ')}`, 'npm test -- unit');
const names = asked === undefined ? ['unit', 'e2e'] : [asked];

await ensureInstalled();
if (names.includes('e2e')) {
  const browser = parts.length === 0 || parts.some((part) => 'e2e/control-ui.e2e.test.ts'.includes(part));
  await ensureTools({ browser });
}

const results = [];
for (const name of names) {
  say(SUITES[name].title);
  results.push(await runSuite(name, parts));
}

// In CI an end-to-end test that did not run is as bad as one that failed: it proves nothing.
const strict = process.env.CI === 'true';
const excused = new Set(options.excuse === undefined ? [] : JSON.parse(readFileSync(options.excuse, 'utf8')));
let failed = 0;
for (const one of results) {
  failed += one.failed;
  say(
    `${one.title}: ${one.files === 0 ? 'none' : `${one.passed} passed, ${one.failed} failed, ${one.skips.length} skipped in ${one.files} files`}`,
  );
  if (one.broken) say(`  ${one.broken}`);
  for (const skip of one.skips) say(`  skipped: ${skip.name}: ${skip.reason === '' ? 'no reason was given' : skip.reason}`);
  const lost = one.skips.filter((skip) => !excused.has(skip.name));
  if (strict && one.name === 'e2e' && lost.length > 0) {
    failed += lost.length;
    say(`  with CI=true ${lost.length} skipped end-to-end tests count as failed`);
  }
}
// Last, where whoever reads the end of a long log finds them.
for (const one of results) for (const { name, message } of one.failures) say(`FAILED: ${name}: ${message.replaceAll(/\s+/g, ' ')}`);
if (options.ran !== undefined) writeFileSync(options.ran, JSON.stringify(results.flatMap((one) => one.ran)));
const passed = results.reduce((sum, one) => sum + one.passed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
