import assert from 'node:assert/strict';
import { test } from 'node:test';
import { npmFailure } from './npm-failure.ts';

for (const [stderr, code, about] of [
  ['npm error code ENOTFOUND\nnpm error network request failed', 'openclaw/registry', /network request failed/],
  ['npm error code ECONNREFUSED\nnpm error x', 'openclaw/registry', /cannot be reached/],
  ['npm error code ERR_SOCKET_TIMEOUT', 'openclaw/registry', /cannot be reached/],
  ['npm error code UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'openclaw/registry', /cannot be reached/],
  ['npm error code ENOSPC\nnpm error syscall write', 'openclaw/disk-full', /full/],
  ['npm error code EINTEGRITY\nnpm error sha512-a', 'openclaw/integrity', /not the one that was pinned/],
  ['npm error code E404\nnpm error 404 Not Found', 'openclaw/registry', /does not have/],
  ['npm error code EUSAGE\nnpm error lock', 'openclaw/install', /lock/],
  ['', 'openclaw/install', /ended with 1/],
  ['\u001b[31mnpm error code EBAD\u001b[0m', 'openclaw/install', /EBAD/],
] as const) {
  test(`npmFailure: ${JSON.stringify(stderr.slice(0, 40))} -> ${code}`, () => {
    const problem = npmFailure('2026.9.6', { code: 1, signal: undefined, timedOut: false, stdout: '', stderr });
    assert.equal(problem.code, code);
    assert.match(problem.why, about);
    // oxlint-disable-next-line no-control-regex -- that none is left is the point
    assert.doesNotMatch(problem.why, /\u001b/);
  });
}

test('npmFailure: its time was over -> says so', () => {
  const problem = npmFailure('2026.9.6', { code: undefined, signal: 'SIGTERM', timedOut: true, stdout: '', stderr: '' });
  assert.equal(problem.code, 'openclaw/install-timeout');
});
