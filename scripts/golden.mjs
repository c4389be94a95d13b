import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInPlace } from '../bin/run-child.mjs';
import { lintConfigText } from './lint-config.mjs';
import { projectFiles } from './lib/files.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { projectNode } from './lib/node.mjs';
import { root } from './lib/root.mjs';
import { SUITES } from './lib/run-tests.mjs';

// Writes anew what is generated and compared: the lint table, the documents, the golden files of the tests.
// Read the difference before you commit it: it is what a change really changes.
await ensureInstalled();
const node = projectNode();
writeFileSync(join(root, '.oxlintrc.json'), lintConfigText());
const documents = await runInPlace(node, [join(root, 'scripts/docs/write.ts')]);
const files = projectFiles(['src', 'scripts']).filter((path) => SUITES.unit.picks(path));
const tests = await runInPlace(node, ['--test', ...SUITES.unit.args, '--test-update-snapshots', '--test-reporter=dot', ...files]);
process.exitCode = documents || tests;
