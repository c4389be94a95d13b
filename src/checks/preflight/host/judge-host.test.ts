import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOST_CHECKS } from './all-host-checks.ts';
import { judgeHost, type Seen } from './host-check.ts';
import { NOTHING } from './examine-host.ts';
import { folderLook, GOOD_SEEN } from '../testing/good-hosts.ts';
import { SPOILT_HOSTS } from '../testing/spoilt-hosts.ts';

const notWell = (seen: Seen): readonly string[] =>
  judgeHost(HOST_CHECKS, seen)
    .filter((one) => one.status !== 'pass')
    .map((one) => one.checkId);

for (const host of ['linux', 'synology', 'mac'] as const) {
  test(`judgeHost: ${host} with everything -> every answer is a pass`, () => assert.deepEqual(notWell(GOOD_SEEN[host]), []));
}

for (const { name, finds, also, on, spoil } of SPOILT_HOSTS) {
  test(`judgeHost: ${name} -> ${finds}, with what to do`, () => {
    const seen = spoil(GOOD_SEEN[on]);
    assert.deepEqual(notWell(seen).toSorted(), [finds, ...also].toSorted());
    const finding = judgeHost(HOST_CHECKS, seen).find((one) => one.checkId === finds);
    assert.ok((finding?.message ?? '').length > 3 && (finding?.fix ?? '').length > 3, `${finding?.message} / ${finding?.fix}`);
    assert.doesNotMatch(`${finding?.message}|${finding?.fix}`, /\.(\||$)|undefined|\[object|NaN/);
  });
}

test('judgeHost: each check -> one change of a host shows that it can fail', () => {
  const shown = new Set(SPOILT_HOSTS.map((one) => one.finds));
  assert.deepEqual(
    HOST_CHECKS.map((one) => one.id).filter((id) => !shown.has(id)),
    [],
  );
  assert.ok(HOST_CHECKS.length >= 50, `${HOST_CHECKS.length}`);
  assert.equal(new Set(HOST_CHECKS.map((one) => one.id)).size, HOST_CHECKS.length);
});

test('judgeHost: nothing could be read -> never a pass of what was to be seen', () => {
  const { routes: _routes, listening: _listening, clockSkewMs: _skew, availableMiB: _free, ...facts } = GOOD_SEEN.linux.facts;
  const findings = judgeHost(HOST_CHECKS, { ...GOOD_SEEN.linux, facts: { ...facts, kernel: '?' }, look: NOTHING });
  const blind = new Map(findings.map((one) => [one.checkId, one.status]));
  for (const id of [
    'clock',
    'default-route',
    'kernel',
    'disk',
    'docker-disk',
    'folder',
    'volumes',
    'identities',
    'ports',
    'address',
    'image',
    'memory-free',
    'link-forwarding',
    'link-port',
  ]) {
    assert.equal(blind.get(`preflight.${id}`), 'unknown', id);
  }
});

test('judgeHost: local processes -> nothing of engines is asked, folders and links are', () => {
  const seen = { ...GOOD_SEEN.linux, asked: { ...GOOD_SEEN.linux.asked, kind: 'process' as const } };
  const ids = judgeHost(HOST_CHECKS, seen).map((one) => one.checkId);
  assert.ok(ids.includes('preflight.volumes') && ids.includes('preflight.link-forwarding'));
  assert.ok(!ids.some((id) => /docker|compose|limit|image|subnet|preflight\.(ports|disk|memory)$/.test(id)), ids.join(' '));
});

for (const [host, status] of [
  ['linux', 'pass'],
  ['synology', 'pass'],
  ['mac', 'fail'],
] as const) {
  test(`judgeHost: a folder that the user may not make, on ${host} -> ${status}`, () => {
    const good = GOOD_SEEN[host];
    const closed = folderLook('/opt', { state: 'absent', access: { read: true, write: false, enter: true } });
    const seen = { ...good, look: { ...good.look, paths: new Map([...good.look.paths, [good.asked.root, closed]]) } };
    assert.equal(judgeHost(HOST_CHECKS, seen).find((one) => one.checkId === 'preflight.folder')?.status, status);
  });
}
