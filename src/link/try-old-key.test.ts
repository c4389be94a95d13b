import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redacted } from '../core/redacted.ts';
import type { RunResult } from '../hosts/host.ts';
import { linkServiceOf } from '../services/link-service.ts';
import { keyStanding, tryOldKey } from './try-old-key.ts';

function ended(code: number | undefined, stdout = '', stderr = ''): RunResult {
  return { code, signal: undefined, timedOut: code === undefined, stdout, stderr };
}

for (const [what, result, state] of [
  ['denied', ended(255, '', 'me@192.168.222.10: Permission denied (publickey).\r\n'), 'refused'],
  ['the gateway answers', ended(0, 'HTTP/1.1 200 OK\r\n'), 'taken'],
  ['let in, the way through is closed', ended(255, '', 'channel 0: open failed: administratively prohibited: open failed'), 'taken'],
  ['let in, nothing listens there', ended(255, '', 'channel 0: open failed: connect failed: Connection refused'), 'taken'],
  ['the host does not answer', ended(255, '', 'ssh: connect to host 192.168.222.10 port 22: Connection timed out'), 'unclear'],
  ['another host answers', ended(255, '', 'Host key verification failed.'), 'unclear'],
  ['no ssh', ended(127), 'unclear'],
  ['it was ended', ended(undefined, '', 'Permission denied (publickey).'), 'unclear'],
  ['a denial by another program', ended(126, '', 'sh: ssh: Permission denied (os error 13)'), 'unclear'],
] as const) {
  test(`keyStanding: ${what} -> ${state}`, () => {
    assert.equal(keyStanding(result).state, state);
  });
}

test('tryOldKey: -> the old key by stdin, in a file of its own, and the own key the usual way', async () => {
  const { command } = linkServiceOf({
    node: 'nas',
    host: 'nas',
    link: { kind: 'ssh-tunnel', user: 'me', address: '192.168.222.10', port: 22 },
    gatewayPort: 18_789,
    hostKeys: [],
  });
  const calls: { readonly argv: readonly string[]; readonly stdin: string }[] = [];
  const trial = await tryOldKey(
    async (argv, { stdin }) => {
      calls.push({ argv, stdin });
      return calls.length === 1 ? ended(255, '', 'Permission denied (publickey).') : ended(0, 'HTTP/1.1 200 OK');
    },
    command,
    new Redacted('the old key'),
  );
  assert.deepEqual([trial.old.state, trial.control.state], ['refused', 'taken']);
  const [old, own] = calls;
  assert.equal(old?.stdin, 'the old key');
  assert.ok(calls.every(({ argv }) => argv.every((word) => !word.includes('the old key'))));
  const keys = old?.argv.filter((word) => word.startsWith('IdentityFile='));
  assert.equal(keys?.length, 1);
  assert.match(keys?.[0] ?? '', /^IdentityFile=\/tmp\/lobsterpot-key-[0-9a-f]{16}$/);
  assert.ok(own?.argv.includes('IdentityFile=/secrets/link-key'));
});
