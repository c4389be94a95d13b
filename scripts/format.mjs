import { join } from 'node:path';
import { runInPlace } from '../bin/run-child.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { projectNode } from './lib/node.mjs';
import { root } from './lib/root.mjs';

// npm run format [PATH...]
await ensureInstalled();
const paths = process.argv.slice(2);
process.exitCode = await runInPlace(projectNode(), [join(root, 'node_modules/oxfmt/bin/oxfmt'), ...(paths.length > 0 ? paths : ['.'])]);
