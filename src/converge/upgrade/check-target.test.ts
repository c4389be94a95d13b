import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTarget, type HostOfVersion } from './check-target.ts';

const OLD = '2026.9.4';
const NEW = '2026.9.6';
const HERE: HostOfVersion = { name: 'here', kind: 'process', kernel: '6.1.0' };
const NAS: HostOfVersion = { name: 'nas', kind: 'docker', kernel: '4.4.302' };
const pinned = { asked: 'oc:old', pinned: 'oc@sha256:1', openclaw: OLD, ipv6: true };

for (const [what, to, hosts, code, message] of [
  ['an advisory', { openclaw: '2026.6.4', image: 'x' }, [HERE], 'upgrade/refused', /CVE-2026-62228/],
  ['no release', { openclaw: 'latest', image: 'x' }, [NAS], 'upgrade/refused', /not a released/],
  ['no lock, as a process', { openclaw: '2026.9.3', image: 'x' }, [HERE], 'openclaw/version', /cannot install/],
  ['the image of before', { openclaw: NEW, image: 'oc:old' }, [{ ...NAS, image: pinned }], 'upgrade/image', /holds OpenClaw 2026\.9\.4/],
] as const) {
  test(`checkTarget: ${what} -> ${code}`, () => {
    assert.throws(() => checkTarget(to, OLD, hosts), { code, message });
  });
}

for (const [what, from, hosts, told] of [
  ['a new kernel', OLD, [HERE, { ...NAS, kernel: '5.10.55' }], []],
  ['an old kernel', OLD, [{ ...NAS, image: pinned }], [/host nas has kernel 4\.4\.302.*without its native/]],
  ['an old kernel that was worked around before', '2026.9.5', [NAS], []],
] as const) {
  test(`checkTarget: ${what} -> ${told.length} told`, () => {
    const notes = checkTarget({ openclaw: NEW, image: 'oc:new' }, from, hosts);
    assert.equal(notes.length, told.length);
    for (const [index, pattern] of told.entries()) assert.match(notes[index] ?? '', pattern);
  });
}
