import { join } from 'node:path';
import { runInPlace } from '../bin/run-child.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { projectNode } from './lib/node.mjs';
import { root } from './lib/root.mjs';

// npm run fuzz [-- --cases N] [--seed S] [--target NAME]: odd input for everything that the gate reads; see docs/gate.md
await ensureInstalled();
process.exitCode = await runInPlace(projectNode(), ['--expose-gc', join(root, 'src/gate/testing/fuzz.ts'), ...process.argv.slice(2)]);
