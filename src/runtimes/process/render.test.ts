import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import type { Artifact, Place } from '../runtime.ts';
import { render, type RenderFacts } from './render.ts';
import { parseSpec } from './spec.ts';
import { testService } from './testing/deployment.ts';

const PLACE: Place = { deployment: 'home', root: '/srv/home', runtime: '/srv/runtime', containment: 'full' };
const ROOT: RenderFacts = { starter: { uid: 0, gid: 0 }, platform: 'linux', arch: 'x64' };
const USER: RenderFacts = { ...ROOT, starter: { uid: 1000, gid: 100 } };
const SERVICES = [
  testService('gate', {
    network: 'outside',
    listeners: [{ name: 'control' }, { name: 'egress-node-nas' }],
    files: [{ name: 'policy.json', content: '{}', hot: true }],
    script: 'gate',
  }),
  testService('node-nas', {
    script: 'node',
    secrets: [{ name: 'token', file: 'token' }],
    forwards: [{ port: 3128, service: 'gate', listener: 'egress-node-nas' }],
  }),
];

suite('render', () => {
  for (const [name, facts] of [
    ['root', ROOT],
    ['user', USER],
  ] as const) {
    test(`${name} -> golden list of what lies where, for whom`, (t) => {
      t.assert.fileSnapshot(listing(render(SERVICES, PLACE, facts)), join(import.meta.dirname, 'testing/golden', `render-${name}.txt`), {
        serializers: [String],
      });
    });
  }

  test('the same services twice -> the same bytes', () => {
    assert.deepEqual(render(SERVICES, PLACE, ROOT), render(structuredClone(SERVICES), PLACE, ROOT));
  });

  test('parents come before what is in them', () => {
    const seen = new Set(['']);
    for (const { kind, path } of render(SERVICES, PLACE, ROOT)) {
      assert.ok(seen.has(path.split('/').slice(0, -1).join('/')), path);
      if (kind === 'folder') seen.add(path);
    }
  });

  test('a hot file changes -> the specification stays; another one -> it differs', () => {
    const specOf = (content: string, hot: boolean): string => {
      const services = [testService('gate', { files: [{ name: 'x', content, hot }] })];
      const found = render(services, PLACE, ROOT).find((one) => one.path === 'services/gate/spec.json');
      return found?.kind === 'file' ? found.content : '';
    };
    assert.equal(specOf('a', true), specOf('b', true));
    assert.notEqual(specOf('a', false), specOf('b', false));
  });

  test('a specification -> is read back, holds no file content', () => {
    const found = render(SERVICES, PLACE, ROOT).find((one) => one.path === 'services/node-nas/spec.json');
    assert.ok(found?.kind === 'file');
    assert.equal(parseSpec(found.content, 'node-nas').service.name, 'node-nas');
    assert.ok(!found.content.includes('"content"'));
  });

  const broken: ReadonlyArray<readonly [string, string]> = [
    ['no JSON', '{'],
    ['another service', '{"version":1}'],
    ['null', 'null'],
  ];
  for (const [name, text] of broken) {
    test(`parseSpec: ${name} -> a Problem`, () => assert.throws(() => parseSpec(text, 'node-nas'), { code: 'process/spec' }));
  }
});

function listing(artifacts: readonly Artifact[]): string {
  const lines = artifacts.map((one) => {
    const mode = one.mode.toString(8).padStart(4, '0');
    const rest = one.kind === 'file' ? `${one.onChange} for ${one.service}` : `folder of ${one.service}`;
    return `${mode} ${one.owner.uid}:${one.owner.gid} ${one.path} (${rest})`;
  });
  return `${lines.join('\n')}\n`;
}
