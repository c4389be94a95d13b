import assert from 'node:assert/strict';
import { isBuiltin } from 'node:module';
import { test } from 'node:test';
import { bundle, gateBundle } from './bundle.ts';

test('gateBundle: made twice -> the same bytes, with nothing but Node’s own modules and no machine’s paths', async () => {
  const [one, { text, from }] = await Promise.all([gateBundle(), bundle(new URL('main.ts', import.meta.url))]);
  assert.equal(one, text);
  assert.ok('src/gate/main.ts' in from && 'src/policy/decide.ts' in from && 'src/gate/bundle.ts' in from);
  const imported = [...one.matchAll(/^import .* from "([^"]+)";$/gm)].map(([, name]) => name ?? '');
  assert.ok(imported.length > 5 && imported.every((name) => isBuiltin(name)), imported.join(' '));
  assert.equal(one.includes(process.cwd()), false);
  assert.doesNotMatch(one, /sourceMappingURL|\brequire\(|import\(/);
  assert.doesNotMatch(one, /node:child_process|node:vm|\beval\(/);
});
