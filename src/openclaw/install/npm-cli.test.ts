import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findNpm } from './npm-cli.ts';

const CLI = '/usr/lib/node_modules/npm/bin/npm-cli.js';

async function find(env: Record<string, string>, files: Record<string, string>): Promise<string> {
  return findNpm({ env, realFile: async (path) => files[path] });
}

const CASES: readonly (readonly [string, Record<string, string>, Record<string, string>, string])[] = [
  [
    'started by npm',
    { npm_execpath: '/n/npm-cli.js', PATH: '/usr/bin' },
    { '/n/npm-cli.js': '/n/npm-cli.js', '/usr/bin/npm': CLI },
    '/n/npm-cli.js',
  ],
  [
    'started by another package manager',
    { npm_execpath: '/y/yarn.js', PATH: '/usr/bin' },
    { '/y/yarn.js': '/y/yarn.js', '/usr/bin/npm': CLI },
    CLI,
  ],
  ['a link on PATH', { PATH: '/opt/none:/usr/bin' }, { '/usr/bin/npm': CLI }, CLI],
  [
    'a shim on PATH, npm beside its node',
    { PATH: '/v/bin' },
    { '/v/bin/npm': '/v/bin/shim.sh', '/v/lib/node_modules/npm/bin/npm-cli.js': '/v/lib/node_modules/npm/bin/npm-cli.js' },
    '/v/lib/node_modules/npm/bin/npm-cli.js',
  ],
  [
    'no PATH, in the usual place',
    {},
    { '/usr/share/nodejs/npm/bin/npm-cli.js': '/usr/share/nodejs/npm/bin/npm-cli.js' },
    '/usr/share/nodejs/npm/bin/npm-cli.js',
  ],
];

for (const [what, env, files, expected] of CASES) {
  test(`findNpm: ${what} -> ${expected}`, async () => {
    assert.equal(await find(env, files), expected);
  });
}

test('findNpm: none, or only in a relative PATH -> a problem', async () => {
  await assert.rejects(find({ PATH: 'bin:.:' }, { 'bin/npm': CLI, npm: CLI }), { code: 'openclaw/npm' });
});
