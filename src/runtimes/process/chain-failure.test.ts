import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { explainChain } from './chain-failure.ts';

/** Texts as the tools print them (util-linux 2.38, dash). */
const CASES: ReadonlyArray<readonly [string, { readonly code?: number; readonly stderr: string }, string]> = [
  ['no user namespaces left', { code: 1, stderr: 'unshare: unshare failed: No space left on device\n' }, 'user namespace'],
  ['seccomp or Docker', { code: 1, stderr: 'unshare: unshare failed: Operation not permitted\n' }, 'namespaces'],
  ['no rights to map', { code: 1, stderr: 'unshare: write failed /proc/self/uid_map: Operation not permitted\n' }, 'user namespace map'],
  [
    'masked /proc',
    { code: 125, stderr: 'mount: /tmp/x/mnt/proc: permission denied.\nlobsterpot: step mount-proc: failed\n' },
    'mount-proc',
  ],
  ['no perl', { code: 127, stderr: 'prlimit: failed to execute perl: No such file or directory\n' }, 'tool perl'],
  ['no prlimit', { code: 127, stderr: 'setpriv: failed to execute prlimit: No such file or directory\n' }, 'tool prlimit'],
  ['no unshare', { code: 127, stderr: 'setpriv: failed to execute unshare: No such file or directory\n' }, 'tool unshare'],
  ['no setpriv', { code: 127, stderr: 'setpriv: spawn setpriv ENOENT' }, 'tool setpriv'],
  [
    'no hostname',
    { code: 125, stderr: '/srv/inside/stage1.sh: 88: hostname: not found\nlobsterpot: step hostname: failed\n' },
    'tool hostname',
  ],
  ['no seccomp', { code: 125, stderr: 'lobsterpot: step seal: syscall filter: Invalid argument\n' }, 'syscall filter'],
  ['a place that can be written', { code: 125, stderr: 'lobsterpot: step read-only: /usr/local can be written\n' }, 'read-only'],
  ['another step', { code: 125, stderr: 'mount: bad\nlobsterpot: step bind-system: failed\n' }, 'bind-system'],
  ['nothing said', { code: 3, stderr: '' }, 'unknown'],
];

suite('explainChain', () => {
  for (const [name, result, step] of CASES) {
    test(`${name} -> ${step}`, () => {
      const failure = explainChain({ code: result.code, signal: undefined, timedOut: false, stdout: '', stderr: result.stderr });
      assert.equal(failure?.step, step);
      assert.ok(failure.cause !== '' && failure.fix !== '');
    });
  }

  test('it worked -> nothing to explain', () => {
    assert.equal(explainChain({ code: 0, signal: undefined, timedOut: false, stdout: '', stderr: 'a warning' }), undefined);
  });

  test('no end in time -> the time limit', () => {
    assert.equal(explainChain({ code: undefined, signal: 'SIGKILL', timedOut: true, stdout: '', stderr: '' })?.step, 'time limit');
  });
});
