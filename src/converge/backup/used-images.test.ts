import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { localHost } from '../../hosts/local-host.ts';
import type { UsedImage } from '../../runtimes/docker/old-images.ts';
import { imageOfVersion, noteImages, removeImages, unusedImages } from './used-images.ts';

const image = (version: number): NonNullable<Parameters<typeof noteImages>[1][string]['image']> => ({
  asked: `a:${version}`,
  pinned: `sha256:${String(version).repeat(64)}`,
  openclaw: `2026.9.${version}`,
  ipv6: false,
});

/** A deployment with one host that shows every image that it is asked for, and says which it was told to remove. */
function place(): Disposable & {
  readonly deployments: string;
  readonly root: string;
  readonly local: ReturnType<typeof localHost>;
  readonly removed: string[];
  /** Does what is on record of a deployment speak of these? */
  record(deployment: string, file: string, ...images: readonly UsedImage[]): void;
  find(): ReturnType<typeof unusedImages>;
  note(...versions: readonly number[]): Promise<void>;
} {
  const deployments = mkdtempSync(join(tmpdir(), 'lobsterpot-images-'));
  const root = join(deployments, 'home');
  const removed: string[] = [];
  const local = localHost('here');
  const old = {
    find: async (used: readonly UsedImage[]) =>
      used.map((one) => ({ ...one, id: one.pinned, bytes: 1, names: [one.asked], containers: 0 })),
    remove: async ({ asked }: UsedImage) => void removed.push(asked),
  };
  for (const name of ['home', 'other']) mkdirSync(join(deployments, name));
  const engine = { local, root, sites: async () => new Map([['nas', { name: 'nas', base: { old } }]]) };
  return {
    deployments,
    root,
    local,
    removed,
    record: (deployment, file, ...images) => writeFileSync(join(deployments, deployment, file), JSON.stringify(images)),
    find: () => unusedImages(engine, { deployments }),
    note: async (...versions) => {
      for (const version of versions) await noteImages({ local, root }, { nas: { image: image(version) } });
    },
    [Symbol.dispose]: () => rmSync(deployments, { recursive: true, force: true }),
  };
}

const namesOf = (found: Awaited<ReturnType<typeof unusedImages>>): readonly string[] => found.map((one) => one.image.asked);

test('unusedImages: what ran once and nobody speaks of -> named, and removed when asked', async () => {
  using of = place();
  await of.note(4, 5, 4, 6);
  of.record('home', 'records.json', image(6));
  const found = await of.find();
  assert.deepEqual(namesOf(found), ['a:4', 'a:5']);
  await removeImages(found);
  assert.deepEqual(of.removed, ['a:4', 'a:5']);
});

for (const [what, deployment, file] of [
  ['another deployment runs it', 'other', 'records.json'],
  ['an upgrade that is not over goes back to it', 'home', 'upgrade.json'],
] as const) {
  test(`unusedImages: ${what} -> not named`, async () => {
    using of = place();
    await of.note(4, 6);
    of.record('home', 'records.json', image(6));
    of.record(deployment, file, image(4));
    assert.deepEqual(namesOf(await of.find()), []);
  });
}

test('imageOfVersion: what a version was run from, and none for one that never ran', async () => {
  using of = place();
  await of.note(4, 6);
  assert.deepEqual([await imageOfVersion(of, '2026.9.4'), await imageOfVersion(of, '2026.9.5')], ['a:4', undefined]);
});

test('unusedImages: nothing was noted, or the note is damaged -> none is named', async () => {
  using of = place();
  assert.deepEqual(namesOf(await of.find()), []);
  await of.note(4);
  writeFileSync(join(of.root, 'images.json'), '{');
  assert.deepEqual(namesOf(await of.find()), []);
});
