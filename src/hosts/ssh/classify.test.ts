import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyBefore, tellingLine, type SshFailure } from './classify.ts';

const CHANGED = `@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\r
Host key for [127.0.0.1]:2222 has changed and you have requested strict checking.\r
Host key verification failed.\r
`;

const OPEN_KEY = `@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @
Permissions 0644 for '/home/me/.ssh/id_ed25519' are too open.
This private key will be ignored.
Load key "/home/me/.ssh/id_ed25519": bad permissions
me@nas: Permission denied (publickey,password).`;

// What OpenSSH 7.4 to 10 on Linux and macOS say.
const TABLE: readonly (readonly [SshFailure, string])[] = [
  ['no-ssh', 'ssh: ENOENT spawn ssh ENOENT'],
  [
    'configuration',
    '/home/me/.ssh/config: line 3: Bad configuration option: usekeychain\r\n/home/me/.ssh/config: terminating, 1 bad configuration options\r\n',
  ],
  ['configuration', 'Bad owner or permissions on /home/me/.ssh/config'],
  ['configuration', "Can't open user config file /nowhere: No such file or directory"],
  ['name', 'ssh: Could not resolve hostname nas.local: Name or service not known'],
  ['name', 'ssh: Could not resolve hostname nas: nodename nor servname provided, or not known'],
  ['name', 'ssh: Could not resolve hostname nas: Temporary failure in name resolution'],
  ['no-route', 'ssh: connect to host 192.168.1.9 port 22: No route to host'],
  ['no-route', 'ssh: connect to host 192.168.1.9 port 22: Network is unreachable'],
  ['no-route', 'ssh: connect to host 192.168.1.9 port 22: Host is down'],
  ['refused', 'ssh: connect to host nas port 22: Connection refused'],
  ['timed-out', 'ssh: connect to host nas port 22: Connection timed out'],
  ['timed-out', 'ssh: connect to host nas port 22: Operation timed out'],
  ['timed-out', 'Connection timed out during banner exchange\r\nConnection to 127.0.0.1 port 2222 timed out'],
  ['closed-early', 'kex_exchange_identification: Connection closed by remote host\r\nConnection closed by 192.168.1.9 port 22'],
  ['closed-early', 'kex_exchange_identification: read: Connection reset by peer\r\nConnection reset by 192.168.1.9 port 22'],
  ['closed-early', 'kex_exchange_identification: banner line contains invalid characters'],
  ['proxy', 'kex_exchange_identification: Connection closed by remote host\r\nConnection closed by UNKNOWN port 65535'],
  ['proxy', 'channel 0: open failed: administratively prohibited: open failed\nstdio forwarding failed'],
  ['algorithms', 'Unable to negotiate with 10.0.0.1 port 22: no matching host key type found. Their offer: ssh-rsa,ssh-dss'],
  ['host-key-changed', CHANGED],
  [
    'host-key-unknown',
    'No ED25519 host key is known for [127.0.0.1]:2222 and you have requested strict checking.\r\nHost key verification failed.\r\n',
  ],
  ['host-key-revoked', '@       WARNING: REVOKED HOST KEY DETECTED!               @\nHost key verification failed.'],
  [
    'too-many-keys',
    'Received disconnect from 127.0.0.1 port 2222:2: Too many authentication failures\r\nDisconnected from 127.0.0.1 port 2222',
  ],
  ['key-file-open', OPEN_KEY],
  [
    'agent',
    'sign_and_send_pubkey: signing failed for ED25519 "me@mac" from agent: agent refused operation\nme@nas: Permission denied (publickey).',
  ],
  ['key-refused', 'admin@nas.local: Permission denied (publickey,password).'],
  ['key-refused', 'Permission denied, please try again.'],
  ['no-shell', 'This account is currently not available.'],
  ['no-shell', 'exec request failed on channel 0'],
  ['no-shell', 'bash: line 1: /bin/sh: No such file or directory'],
  ['dropped', 'Connection to nas closed by remote host.\r\nclient_loop: send disconnect: Broken pipe'],
  ['other', ''],
  ['other', 'something nobody has seen'],
];

for (const [expected, stderr] of TABLE) {
  test(`classifyBefore: ${JSON.stringify(stderr.slice(0, 70))} -> ${expected}`, () => assert.equal(classifyBefore(stderr), expected));
}

test('tellingLine: a wall of at-signs -> the line that says it', () => {
  assert.equal(
    tellingLine(CHANGED, 'host-key-changed'),
    'Host key for [127.0.0.1]:2222 has changed and you have requested strict checking.',
  );
  assert.match(tellingLine(OPEN_KEY, 'key-file-open') ?? '', /bad permissions/);
  assert.equal(tellingLine('', 'other'), undefined);
});
