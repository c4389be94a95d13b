import { join } from 'node:path';
import { runInPlace } from '../bin/run-child.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { projectNode } from './lib/node.mjs';
import { root } from './lib/root.mjs';

// npm run lab -- up | down | status | shell HOST: see docs/lab.md
await ensureInstalled();
process.exitCode = await runInPlace(projectNode(), [join(root, 'lab/main.ts'), ...process.argv.slice(2)]);
