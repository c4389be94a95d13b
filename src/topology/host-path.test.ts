import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { faultOfDir, faultOfVolume } from './host-path.ts';

suite('faultOfDir', () => {
  for (const path of ['/volume1/docker/openclaw', '/srv/openclaw', '/home/me/openclaw', '/Users/me/openclaw', '/opt/a b/c', '/mnt/x']) {
    test(`${path} -> valid`, () => assert.equal(faultOfDir(path), undefined));
  }
  for (const path of [
    '/',
    '/srv',
    '/volume1',
    '/home/me',
    '/Users/me',
    '/volume1/homes/me',
    '/var',
    '/tmp/x',
    '/etc/x',
    '/ETC/x',
    '/var/lib/x',
    'docker',
    './x',
    '/a/../b/c',
    '/a//b',
    '/a/b/',
    '/a/./b',
    '/a/b ',
    '/a/b:c',
    '/a/$b',
    '/a/"b',
    "/a/'b",
    '/a/b,c',
    '/a/\\b',
    '/a/b\nc',
    '/a/\u{202e}b',
    '/home/me/.ssh/x',
    '/volume1/@docker/x',
    '/private/etc/x',
    '/System/x',
  ]) {
    test(`${JSON.stringify(path)} -> refused`, () => assert.notEqual(faultOfDir(path), undefined));
  }
});

suite('faultOfVolume', () => {
  const dir = '/volume1/docker/pot';
  for (const path of [
    '/volume1/photos',
    '/volume1/My Photos',
    '/volume1/docker/pots',
    '/srv',
    '/data',
    '/home/me/photos',
    '/volume1/Fotos/Zürich',
  ]) {
    test(`${path} -> valid`, () => assert.equal(faultOfVolume(path, dir), undefined));
  }
  for (const path of [
    '/',
    '/etc',
    '/etc/ssl',
    '/proc',
    '/sys',
    '/dev',
    '/var',
    '/var/run',
    '/var/run/docker.sock',
    '/run/user/1000',
    '/usr',
    '/tmp',
    '/config',
    '/secrets/x',
    '/state',
    '/app',
    '/root',
    '/home',
    '/home/me',
    '/volume1',
    '/volume12',
    '/var/lib/docker/volumes',
    '/volume1/docker/pot',
    '/volume1/docker',
    '/VOLUME1/docker/pot/services',
    '/home/me/.ssh',
    '/Users/me/.docker/run/x',
    '/x/docker.sock',
    'photos',
    '/a/../etc',
    '/a/b/',
    '/a:b',
    '',
    '/volume1/homes/me',
  ]) {
    test(`${JSON.stringify(path)} -> refused`, () => assert.notEqual(faultOfVolume(path, dir), undefined));
  }

  test('whatever is given -> is absolute, goes no detour and lies apart from the deployment and the system', () => {
    const part = fc.oneof(fc.constantFrom('etc', 'var', 'run', 'volume1', 'docker', 'pot', '..', '.', '', 'x'), fc.string());
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const path = `/${parts.join('/')}`;
        if (faultOfVolume(path, dir)) return;
        assert.equal(
          new URL(`file://${path.split('/').map(encodeURIComponent).join('/')}`).pathname,
          path.split('/').map(encodeURIComponent).join('/'),
        );
        assert.doesNotMatch(path, /^\/(?:etc|var\/run|var\/lib)(?:\/|$)|:|[\n\r]/);
        assert.ok(!`${dir}/`.startsWith(`${path}/`) && !`${path}/`.startsWith(`${dir}/`));
      }),
      { numRuns: 2000 },
    );
  });
});
