/** Why ssh did not bring a command to its end, as its own words tell. */
export type SshFailure =
  | 'no-ssh'
  | 'configuration'
  | 'name'
  | 'no-route'
  | 'refused'
  | 'timed-out'
  | 'closed-early'
  | 'proxy'
  | 'algorithms'
  | 'host-key-changed'
  | 'host-key-unknown'
  | 'host-key-revoked'
  | 'too-many-keys'
  | 'key-file-open'
  | 'agent'
  | 'key-refused'
  | 'no-shell'
  | 'dropped'
  | 'other';

// The first that fits counts: what is more telling stands before what follows from it.
const SAID: readonly (readonly [SshFailure, RegExp])[] = [
  ['no-ssh', /^ssh: (ENOENT|EACCES)\b/m],
  [
    'configuration',
    /Bad configuration option|terminating, \d+ bad configuration|Bad owner or permissions on|Can't open user config file|keyword .* (extra arguments|missing argument)/i,
  ],
  ['host-key-changed', /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed/],
  ['host-key-revoked', /REVOKED HOST KEY|host key .*was revoked|marked as revoked/i],
  ['host-key-unknown', /host key is known for|The authenticity of host .* can't be established|Host key verification failed/],
  // A jump host's own troubles are told in the same words as the host's; these tell that there is one in between.
  [
    'proxy',
    /UNKNOWN port 65535|stdio forwarding failed|open failed: (administratively prohibited|connect failed)|(ProxyCommand|proxy command|jump).*(fail|denied|error)|Proxy exited/i,
  ],
  ['name', /Could not resolve hostname/],
  [
    'no-route',
    /No route to host|Network is unreachable|Host is down|Network is down|Cannot assign requested address|Can't assign requested address/,
  ],
  ['refused', /Connection refused/],
  ['timed-out', /timed out|Timeout, server .* not responding/i],
  ['algorithms', /Unable to negotiate|no matching (host key type|key exchange method|cipher|MAC)/],
  ['too-many-keys', /Too many authentication failures/],
  ['key-file-open', /UNPROTECTED PRIVATE KEY FILE|bad permissions/],
  ['agent', /agent refused operation|signing failed|communication with agent failed|device not found/i],
  [
    'key-refused',
    /Permission denied \(|Permission denied, please try again|No more authentication methods|not allowed because|Authentication failed/,
  ],
  [
    'closed-early',
    /kex_exchange_identification|ssh_exchange_identification|banner line contains invalid|banner exchange|Connection (closed|reset) by \S+ port|^Connection (closed|reset)\b|client sent invalid protocol|invalid format/im,
  ],
  [
    'no-shell',
    /(exec|shell|subsystem) request failed|account is (currently )?not available|\/bin\/sh\b.*not found|No such file or directory|This service allows sftp connections only/i,
  ],
  ['dropped', /closed by remote host|Broken pipe|Connection reset|Shared connection|mux_client/],
];

/** What ssh's words before the far shell's first sign mean. */
export function classifyBefore(stderr: string): SshFailure {
  return SAID.find(([, words]) => words.test(stderr))?.[0] ?? 'other';
}

/** The line of stderr that says it, for a `cause`: decoration and what only follows from it are left out. */
export function tellingLine(stderr: string, failure: SshFailure): string | undefined {
  const lines = stderr
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^@+/.test(line));
  const words = SAID.find(([one]) => one === failure)?.[1];
  const telling = lines.find((line) => words?.test(line));
  // A line that was lost in the middle: the last words are the program's, and tell nothing of it.
  return telling ?? (failure === 'dropped' ? undefined : lines.at(-1));
}
