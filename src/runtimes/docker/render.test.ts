import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { parse } from 'yaml';

import { sha256 } from '../../core/digest.ts';
import { isRecord } from '../../core/json.ts';
import type { Service } from '../../services/service.ts';
import type { Artifact } from '../runtime.ts';
import { render } from './render.ts';
import { parseSpec } from './spec.ts';
import type { DockerTarget } from './target.ts';
import { PLACE, service, SERVICES, SYNOLOGY, TARGET } from './testing/services.ts';

const golden = (name: string): string => join(import.meta.dirname, 'testing/golden', name);
const AS_TEXT = { serializers: [String] };

suite('docker render', () => {
  for (const [name, target] of [
    ['plain', TARGET],
    ['synology', SYNOLOGY],
  ] as const) {
    test(`${name} engine -> golden compose.yaml`, (t) => t.assert.fileSnapshot(compose(target), golden(`compose-${name}.yaml`), AS_TEXT));
  }

  test('golden list of what lies where, for whom', (t) => {
    t.assert.fileSnapshot(listing(render(SERVICES, PLACE, TARGET)), golden('listing.txt'), AS_TEXT);
  });

  test('golden specification of the gate', (t) => {
    t.assert.fileSnapshot(contentOf('services/gate/spec.json', SERVICES, TARGET), golden('spec-gate.json.golden'), AS_TEXT);
  });

  test('the same services twice, in another order -> the same compose.yaml', () => {
    const again = render(structuredClone(SERVICES).toReversed(), PLACE, structuredClone(TARGET));
    assert.equal(again.find((one) => one.path === 'compose.yaml')?.kind, 'file');
    assert.deepEqual(
      again.find((one) => one.path === 'compose.yaml'),
      render(SERVICES, PLACE, TARGET).find((one) => one.path === 'compose.yaml'),
    );
  });

  test('parents come before what is in them', () => {
    const seen = new Set(['']);
    for (const { kind, path } of render(SERVICES, PLACE, TARGET)) {
      assert.ok(seen.has(path.split('/').slice(0, -1).join('/')), path);
      if (kind === 'folder') seen.add(path);
    }
  });

  test('each container is labelled with the digest of its specification', () => {
    for (const { name } of SERVICES) {
      const labels = at(parse(compose(TARGET)), 'services', name, 'labels', 'lobsterpot.spec');
      assert.equal(labels, sha256(contentOf(`services/${name}/spec.json`, SERVICES, TARGET)));
    }
  });

  test('a specification is read back and holds no file content', () => {
    const text = contentOf('services/gateway-main/spec.json', SERVICES, TARGET);
    assert.equal(parseSpec(text, 'gateway-main').launch.listeners[0]?.kind, 'pass');
    assert.throws(() => parseSpec(text, 'gate'), { code: 'docker/spec' });
    assert.throws(() => parseSpec('{', 'gate'), { code: 'docker/spec' });
  });

  const changes: ReadonlyArray<readonly [string, Partial<Service>, boolean]> = [
    ['a hot file', { files: [{ name: 'a', content: '2', hot: true }] }, false],
    ['a file', { files: [{ name: 'a', content: '2' }] }, true],
    ['a limit', { limits: { memoryMiB: 300, processes: 128, openFiles: 1024, fileMiB: 64, tmpMiB: 16 } }, true],
    ['what it comes after', { after: ['gate'] }, true],
    ['what it comes after on another host', { after: ['gateway-far'] }, false],
    ['its health', { health: { kind: 'running', timeoutMs: 15_000 } }, true],
  ];
  for (const [name, change, restarts] of changes) {
    test(`${name} changes -> the specification ${restarts ? 'differs' : 'stays'}`, () => {
      const of = (more: Partial<Service>): string => {
        const content = change.files?.[0];
        const files = content ? [{ ...content, content: '1' }] : [];
        return contentOf('services/one/spec.json', [service('gate', {}), service('one', { files, ...more })], TARGET);
      };
      assert.equal(of(change) !== of({}), restarts);
    });
  }

  const gateway = SERVICES[1];
  for (const [kernel, expected] of [
    ['4.4.302+', 'off'],
    ['6.1.0', undefined],
  ] as const) {
    test(`a gateway on kernel ${kernel} -> native file functions ${expected ?? 'on'}, in the container and its specification`, () => {
      const target = { ...TARGET, kernel };
      assert.equal(at(parse(compose(target)), 'services', 'gateway-main', 'environment', 'OPENCLAW_FS_SAFE_NATIVE_MODE'), expected);
      assert.equal(at(parse(compose(target)), 'services', 'node-nas', 'environment', 'OPENCLAW_FS_SAFE_NATIVE_MODE'), undefined);
      const spec = parseSpec(contentOf('services/gateway-main/spec.json', SERVICES, target), 'gateway-main');
      assert.equal(spec.launch.env['OPENCLAW_FS_SAFE_NATIVE_MODE'], expected);
    });
  }

  const wrong: ReadonlyArray<readonly [string, readonly Service[]]> = [
    [
      'published without a way out',
      [service('a', { listeners: [{ name: 'l', toPort: 1 }], published: [{ address: '127.0.0.1', port: 1, listener: 'l' }] })],
    ],
    ['forwards to nobody', [service('a', { forwards: [{ port: 1, service: 'b', listener: 'l' }] })]],
    ['forwards to no listener', [service('a', { forwards: [{ port: 1, service: 'b', listener: 'l' }] }), service('b', {})]],
    [
      'two clients of one handed listener',
      [
        service('a', { forwards: [{ port: 1, service: 'c', listener: 'l' }] }),
        service('b', { forwards: [{ port: 1, service: 'c', listener: 'l' }] }),
        service('c', { listeners: [{ name: 'l' }] }),
      ],
    ],
  ];
  for (const [name, services] of wrong) {
    test(`${name} -> a bug, never a wider network`, () => assert.throws(() => render(services, PLACE, TARGET), TypeError));
  }

  test('a service alone -> no network at all', () => {
    assert.ok(gateway);
    const text = contentOf('compose.yaml', [service('alone', {})], TARGET);
    assert.equal(at(parse(text), 'services', 'alone', 'network_mode'), 'none');
  });
});

function compose(target: DockerTarget): string {
  return contentOf('compose.yaml', SERVICES, target);
}

function contentOf(path: string, services: readonly Service[], target: DockerTarget): string {
  const found = render(services, PLACE, target).find((one) => one.path === path);
  assert.ok(found?.kind === 'file', path);
  return found.content;
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((inner: unknown, key) => (isRecord(inner) ? inner[key] : undefined), value);
}

function listing(artifacts: readonly Artifact[]): string {
  const lines = artifacts.map((one) => {
    const mode = one.mode.toString(8).padStart(4, '0');
    const rest = one.kind === 'file' ? `${one.onChange} for ${one.service}` : `folder of ${one.service}`;
    return `${mode} ${one.owner.uid}:${one.owner.gid} ${one.path} (${rest})`;
  });
  return `${lines.join('\n')}\n`;
}
