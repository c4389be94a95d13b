import { join } from 'node:path';
import { runInPlace } from '../bin/run-child.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { projectNode } from './lib/node.mjs';
import { root } from './lib/root.mjs';

// npm run bench -- hosts: figures, and the page that tells them; see docs/benchmarks.md
await ensureInstalled();
process.exitCode = await runInPlace(projectNode(), [join(root, 'bench/main.ts'), ...process.argv.slice(2)]);
