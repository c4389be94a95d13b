import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptInWords, keptOn } from './kept.ts';

const document = {
  deployment: 'bench',
  changes: [
    { kind: 'make-folder', host: 'mac', path: 'services', mode: 0o700, reason: 'missing' },
    { kind: 'make-folder', host: 'nas', path: 'services', mode: 0o700 },
    { kind: 'write-file', host: 'mac', path: 'services/gate/spec.json', mode: 0o440, bytes: 12, effect: 'restart' },
    { kind: 'generate-secret', host: 'mac', secret: 'token', form: 'token' },
    { kind: 'place-secret', host: 'mac', path: 'services/gate/secrets/token' },
    { kind: 'start-service', host: 'mac', service: 'gate' },
    { kind: 'authorise-link', host: 'mac', node: 'on-nas' },
    { kind: 'enrol-node', host: 'nas', node: 'on-nas' },
  ],
};

test('keptOn: a plan of two hosts -> what one of them keeps, modes as chmod takes them', () => {
  const kept = keptOn('mac', document);
  assert.deepEqual(kept, {
    folders: [{ path: 'services', mode: '0700' }],
    files: [{ path: 'services/gate/spec.json', mode: '0440', bytes: 12 }],
    secrets: ['services/gate/secrets/token'],
    services: ['gate'],
    links: ['on-nas'],
  });
  assert.equal(keptInWords(kept), '1 folders, 1 files, 1 secrets, 1 containers');
});

test('keptOn: another host -> only its own', () =>
  assert.equal(keptInWords(keptOn('nas', document)), '1 folders, 0 files, 0 secrets, 0 containers'));
test('keptOn: no plan -> refused', () => assert.throws(() => keptOn('mac', { error: 1 })));
