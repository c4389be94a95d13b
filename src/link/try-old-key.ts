import { randomBytes } from 'node:crypto';

import { plainText } from '../core/plain-text.ts';
import type { Redacted } from '../core/redacted.ts';
import type { RunResult } from '../hosts/host.ts';
import { linkAttempts } from './link-attempts.ts';
import { generateLinkKey } from './link-key.ts';
import type { RunNear } from './prove-link.ts';
import { readTunnel, sshArgv, type Tunnel } from './tunnel.ts';

/** What the gateway's host made of a key: `refused` is its own word. */
export type KeyStanding = { readonly state: 'taken' | 'refused' | 'unclear'; readonly reason: string };

/** `control`: of the key that the link has now, tried in the same way in the same run. */
export type OldKeyTrial = { readonly old: KeyStanding; readonly control: KeyStanding };

const LIMIT_MS = 20_000;
/** The exit code of ssh for its own failures. */
const SSH_FAILED = 255;

/** Runs inside the link's own service: takes the key from stdin (never argv) to a 0600 file for one call of ssh. */
const PROGRAM = `
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const [file, ask, ssh, ...args] = process.argv.slice(1);
const key = fs.readFileSync(0);
const remove = () => fs.rmSync(file, { force: true });
process.on('exit', remove);
fs.writeFileSync(file, key, { mode: 0o600, flag: 'wx' });
const child = spawn(ssh, args, { stdio: ['pipe', 'inherit', 'inherit'] });
setTimeout(() => child.kill('SIGKILL'), ${LIMIT_MS - 5000}).unref();
child.stdin.on('error', () => {});
child.stdin.end(ask);
child.on('error', () => process.exit(127));
child.on('close', (code) => process.exit(code ?? 1));
`.trim();

/** Opens the tunnel of a link with another key than its own, and with its own; `command` is the one of its service. */
export async function tryOldKey(run: RunNear, command: readonly string[], key: Redacted): Promise<OldKeyTrial> {
  const tunnel = readTunnel(command);
  const file = `/tmp/lobsterpot-key-${randomBytes(8).toString('hex')}`;
  const [own] = linkAttempts(tunnel, { canary: '', strangeKey: generateLinkKey().publicKey }).forward;
  if (!own) throw new TypeError('tryOldKey: a link has a way through');
  const argv = ['{node}', '--eval', PROGRAM, file, own.stdin, ...sshArgv(withKey(tunnel, file), { flags: ['-W', own.name] })];
  const old = keyStanding(await run(argv, { stdin: key.reveal(), timeoutMs: LIMIT_MS }));
  const control = keyStanding(await run(own.argv, { stdin: own.stdin, timeoutMs: LIMIT_MS }));
  return { old, control };
}

/** The same options with another key in the place of the link's. Pure. */
function withKey(tunnel: Tunnel, file: string): Tunnel {
  // ssh tries every IdentityFile that it is given.
  const options = tunnel.options.map((one) => (one.startsWith('IdentityFile=') ? `IdentityFile=${file}` : one));
  if (!options.includes(`IdentityFile=${file}`)) throw new TypeError('tryOldKey: the command of a link names its key');
  return { ...tunnel, options };
}

/** What one call of ssh shows of its key: whoever got past the login was let in, whatever came then. Pure. */
export function keyStanding({ code, timedOut, stdout, stderr }: RunResult): KeyStanding {
  const lines = stderr.split('\n').map((line) => line.trim());
  const reason = plainText(lines.findLast((line) => line !== '') ?? `exit ${code ?? 'none'}`, 300);
  if (stdout !== '' || code === 0 || /open failed|forwarding failed/i.test(stderr)) return { state: 'taken', reason };
  const denied = lines.some((line) => /Permission denied \(/.test(line));
  return { state: denied && code === SSH_FAILED && !timedOut ? 'refused' : 'unclear', reason };
}
