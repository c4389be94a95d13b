import { join } from 'node:path';
import { runInPlace } from '../bin/run-child.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { projectNode } from './lib/node.mjs';
import { root } from './lib/root.mjs';

// A fresh clone ends up with a contained, proven, running OpenClaw. More options may follow: npm start -- --json
await ensureInstalled();
const example = join(root, 'examples/this-machine/lobsterpot.yaml');
process.exitCode = await runInPlace(projectNode(), [
  join(root, 'src/cli/main.ts'),
  'up',
  '--file',
  example,
  '--yes',
  ...process.argv.slice(2),
]);
