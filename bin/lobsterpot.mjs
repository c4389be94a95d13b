#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { keepCompiled } from './compile-cache.mjs';
import { fittingNode } from './fitting-node.mjs';
import { runInPlace } from './run-child.mjs';

const root = new URL('../', import.meta.url);
const source = new URL('src/cli/main.ts', root);
const clone = existsSync(source);

if (clone && !existsSync(new URL('node_modules/', root))) {
  refuse('lobsterpot is not installed yet', 'this is a fresh clone', 'run: npm start');
}
const { node, ...missing } = fittingNode();
if (node === undefined) refuse(missing.what, missing.cause, missing.fix);

const main = clone ? source : new URL('dist/cli/main.js', root);
if (node === process.execPath) {
  keepCompiled();
  await import(main);
} else process.exitCode = await runInPlace(node, [fileURLToPath(main), ...process.argv.slice(2)]);

function refuse(what, cause, fix) {
  process.stderr.write(`lobsterpot: error: ${what}\n  cause: ${cause}\n  fix:   ${fix}\n`);
  process.exit(3);
}
