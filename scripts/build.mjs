import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { capture } from './lib/capture.mjs';
import { projectFiles } from './lib/files.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { projectNode } from './lib/node.mjs';
import { root } from './lib/root.mjs';
import { fail, say, seconds } from './lib/say.mjs';

// src -> dist, as it is published: JavaScript (Node strips no types below node_modules), the files that are read
// beside it, and what runs as one program in a service of its own.
await ensureInstalled();
const began = performance.now();
const node = projectNode();
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });

const compiled = await capture(node, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json']);
if (!compiled.ok) fail('the project does not compile', compiled.stdout.trim() || compiled.stderr.trim(), 'npm run check');

for (const path of projectFiles(['src']).filter((one) => !/\.ts$|\/testing\//.test(one))) {
  const to = join(dist, path.slice('src/'.length));
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(join(root, path), to);
}

const PROGRAMS = [
  { of: 'gateBundle', from: 'src/gate/bundle.ts', to: 'gate/gate.mjs' },
  { of: 'squidBundle', from: 'src/squid/bundle.ts', to: 'squid/keeper.mjs' },
];
for (const { of, from, to } of PROGRAMS) {
  const bundle = pathToFileURL(join(root, from)).href;
  // Under the project's Node, for the bundler is TypeScript itself.
  const program = `import { ${of} } from ${JSON.stringify(bundle)}; process.stdout.write(await ${of}());`;
  const made = await capture(node, ['--input-type=module', '--eval', program]);
  if (!made.ok || made.stdout === '') fail(`${to} cannot be bundled`, made.stderr.trim(), 'npm test -- unit gate');
  writeFileSync(join(dist, to), made.stdout);
}
chmodSync(join(root, 'bin/lobsterpot.mjs'), 0o755);
say(`built dist in ${seconds(began)}`);
