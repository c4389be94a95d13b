import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { smallEngine } from './rotate/testing/small-engine.ts';
import { ownBeginnings, sweep, writtenFolders } from './sweep.ts';

const NOTHING = { artifacts: [], placedSecrets: [], bases: [], services: [], generatedSecrets: [], nodes: [], links: [] };
const OWNER = { uid: 0, gid: 0 };
const END = '0123456789ab.tmp';

test('writtenFolders: -> where files and secrets of that host lie, each once, and the folder itself', () => {
  const folder = { kind: 'folder', service: 's', mode: 0o700, owner: OWNER, path: 'services/s/state' } as const;
  const file = { kind: 'file', service: 's', mode: 0o600, owner: OWNER, content: '', onChange: 'hot' } as const;
  const artifacts = [
    { ...folder, host: 'a' },
    { ...file, host: 'a', path: 'compose.yaml' },
    { ...file, host: 'a', path: 'services/s/config/openclaw.json' },
    { ...file, host: 'b', path: 'inside/launcher.mjs' },
  ];
  const placedSecrets = [{ host: 'a', service: 's', secret: 'x', owner: OWNER, path: 'services/s/secrets/x' }];
  assert.deepEqual(writtenFolders({ artifacts, placedSecrets }, 'a'), ['.', 'services/s/config', 'services/s/secrets']);
});

test('sweep: half-written files, here and of services that are not in the file any more -> gone; whole ones and what a service keeps stay', async () => {
  using small = smallEngine();
  const { root } = small.engine;
  const own = [`.records.json.${END}`, `secrets/.key.${END}`];
  const halves = [...own, `services/gone/secrets/.key.${END}`, `backups/node-nas/.id.json.${END}`];
  const stays = ['journal.jsonl', 'secrets/key', '.mine.tmp', `services/gone/state/.its-own.${END}`];
  for (const path of [...halves, ...stays]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), 'x');
  }
  assert.deepEqual(
    await ownBeginnings(small.engine),
    own.map((path) => join(root, path)),
  );
  await sweep(small.engine, NOTHING);
  assert.deepEqual(
    [...halves, ...stays].filter((path) => existsSync(join(root, path))),
    // The operator's own are for who has seen them twice.
    [...own, ...stays],
  );
});
