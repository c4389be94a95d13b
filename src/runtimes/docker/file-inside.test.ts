import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EngineApi } from './engine-api.ts';
import { fileInside } from './file-inside.ts';

const OWNER = { uid: 40_001, gid: 40_001 };

type Put = { readonly name: string; readonly type?: string; readonly mode?: number; readonly content?: string };

/** An archive as Docker writes it. */
function tar(...entries: readonly Put[]): Buffer {
  const blocks = entries.flatMap(({ name, type = '0', mode = 0o440, content = '' }) => {
    const head = Buffer.alloc(512);
    head.write(name);
    for (const [at, value] of [
      [100, mode],
      [108, OWNER.uid],
      [116, OWNER.gid],
    ] as const) {
      head.write(value.toString(8).padStart(7, '0'), at);
    }
    head.write(content.length.toString(8).padStart(11, '0'), 124);
    head.write(' '.repeat(8), 148);
    head.write(type, 156);
    head.write(
      `${head
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    return [head, Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const over = (status: number, body: Buffer): EngineApi => ({
  ask: async (method, path) => {
    assert.deepEqual([method, path], ['GET', '/containers/c/archive?path=%2Fopt%2Fspec.json']);
    return { status, headers: new Map(), body };
  },
  json: () => assert.fail('it asked for more'),
  isOpen: () => true,
  close: async () => {},
});

for (const [what, status, body, expected] of [
  ['a file', 200, tar({ name: 'spec.json', content: '{}' }), '{}'],
  ['a folder of that name', 200, tar({ name: 'spec.json/', type: '5' }), undefined],
  ['a link of that name', 200, tar({ name: 'spec.json', type: '2' }), undefined],
  ['an archive that is cut off', 200, tar({ name: 'spec.json', content: 'y'.repeat(600) }).subarray(0, 700), undefined],
  ['no such file', 404, Buffer.from('{}'), undefined],
] as const) {
  test(`fileInside: ${what} -> ${expected ?? 'nothing'}`, async () => {
    assert.equal(await fileInside(over(status, body), 'c', '/opt/spec.json'), expected);
  });
}
