import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LAB } from './addresses.ts';
import { labArgv, labIdentity } from './lab-argv.ts';
import { netPlan } from './net-plan.ts';

/**
 * `node e2e/lab/enter.ts [--as-user UID] -- COMMAND...` runs COMMAND on a throw-away host with an internet of its own.
 * Everything that COMMAND leaves behind ends with it. The exit code is the command's; 70 when the lab itself failed.
 */
const { values, positionals } = parseArgs({ options: { 'as-user': { type: 'string' } }, allowPositionals: true });
if (positionals.length === 0) throw new Error('usage: enter.ts [--as-user UID] -- COMMAND...');
const asked = values['as-user'] === undefined ? undefined : Number(values['as-user']);
if (asked !== undefined && !(Number.isInteger(asked) && asked >= 0)) throw new Error('--as-user: a number is needed');
const identity = labIdentity({ uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }, asked);

const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-lab-'));
const home = join(folder, 'home');
const plan = netPlan({ hostNamespaceFile: join(folder, 'host.net'), ipv6: existsSync('/proc/sys/net/ipv6') });
writeFileSync(join(folder, 'internet.ip'), `${plan.internet.join('\n')}\n`);
writeFileSync(join(folder, 'host.ip'), `${plan.host.join('\n')}\n`);
writeFileSync(join(folder, 'resolv.conf'), `nameserver ${LAB.resolver}\noptions timeout:2 attempts:1\n`, { mode: 0o644 });
// Without it a resolver daemon of the machine could be asked over its own socket, past every namespace.
writeFileSync(join(folder, 'nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n', { mode: 0o644 });
writeFileSync(join(folder, 'model-key'), `sk-ant-lab-${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
// As long as a real one: the bot's number, a colon, 35 letters.
writeFileSync(join(folder, 'telegram-token'), `4242424242:AA${randomBytes(24).toString('base64url')}X\n`, { mode: 0o600 });
mkdirSync(home, { mode: 0o700 });
if (identity.kind === 'drop') {
  for (const path of [folder, home, join(folder, 'model-key'), join(folder, 'telegram-token')]) chownSync(path, identity.uid, identity.gid);
}

const argv = labArgv({
  identity,
  folder,
  node: process.execPath,
  script: join(import.meta.dirname, 'lab.sh'),
  internet: join(import.meta.dirname, 'internet.ts'),
  command: positionals,
});
const env = { ...process.env, LOBSTERPOT_LAB: folder, HOME: identity.kind === 'stay' ? (process.env['HOME'] ?? home) : home };
const [program = '', ...rest] = argv;
const child = spawn(program, rest, { stdio: 'inherit', env });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill('SIGKILL'));
child.once('error', (error) => {
  process.stderr.write(`lab: ${error.message}\n`);
  process.exitCode = 70;
});
child.once('exit', (code, signal) => {
  process.exitCode = code ?? (signal === null ? 70 : 137);
});
child.once('close', () => {
  unlock(folder);
  rmSync(folder, { recursive: true, force: true });
});

/** A deployment makes read-only folders (an installed runtime); their owner must be able to clear them away. */
function unlock(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const below = join(path, entry.name);
    chmodSync(below, 0o700);
    unlock(below);
  }
}
