import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { localHost } from '../../hosts/local-host.ts';
import { lookAtMachine } from './look-at-machine.ts';

const FILES: Readonly<Record<string, string>> = {
  // Two gateways of this machine, and one that is elsewhere.
  home: 'name: home\nhosts: { a: {}, b: { connect: ssh://b } }\ngateways: { x: { host: a, runtime: docker }, y: { host: a, port: 19389 }, z: { host: b, port: 18989 } }\n',
  broken: 'name: [',
};

test('lookAtMachine: deployments of this machine -> those of other files that are there, and a port that none of them has', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-init-'));
  try {
    const note = (name: string, file: string): void => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'records.json'), JSON.stringify({ file }));
    };
    for (const [name, text] of Object.entries(FILES)) {
      writeFileSync(join(folder, `${name}.yaml`), text);
      note(name, join(folder, `${name}.yaml`));
    }
    note('gone', join(folder, 'gone.yaml'));
    note('mine', join(folder, 'mine.yaml'));
    writeFileSync(join(folder, 'mine.yaml'), FILES['home'] ?? '');
    const look = (path: string) => lookAtMachine(localHost('here'), { deployments: folder, data: folder }, path);
    const { deployments, port } = await look(join(folder, 'mine.yaml'));
    assert.deepEqual([...deployments.keys()].toSorted(), ['broken', 'home']);
    assert.equal(port, 18_989);
    assert.equal((await look(join(folder, 'home.yaml'))).deployments.has('mine'), true);
    assert.deepEqual((await lookAtMachine(localHost('here'), { deployments: join(folder, 'none'), data: folder }, '/x')).port, 18_789);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
