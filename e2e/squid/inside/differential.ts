import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../../src/core/wait.ts';
import { decide } from '../../../src/policy/decide.ts';
import type { EgressPolicy } from '../../../src/policy/policy.ts';
import { normaliseTarget, parseAuthority } from '../../../src/policy/target.ts';
import { type AccessLine, parseAccessLine } from '../../../src/squid/access-line.ts';
import { askHealth } from '../../../src/squid/ask-health.ts';
import { listenForLines } from '../../../src/squid/log-server.ts';
import { squidConf } from '../../../src/squid/squid-conf.ts';
import { policyOf, ruleOf, startGate } from '../../gate/start-gate.ts';
import { LAB } from '../../lab/addresses.ts';
import { currentLab } from '../../lab/lab-client.ts';
import { generateTargets, type Made } from '../generate-targets.ts';
import { removeShared } from '../start-keeper.ts';

// Runs inside the lab (squid.e2e.test.ts starts it there).
const COUNT = 5000;
const SEED = Number(process.env['SQUID_SEED'] ?? '20261122');
const AT_ONCE = 24;
const ANSWER_MS = 10_000;
const PORTS = { 'gateway-main': 22_001, 'node-nas': 22_002 } as const;
const HEALTH_PORT = 22_003;
const LOG_PORT = 22_004;
/** Each connection comes from a port of its own, below those that the kernel gives away: by it its line in the log is known. */
let lastFrom = 2000;

const policy: EgressPolicy = {
  ...policyOf([
    'api.allowed.test',
    'api.allowed.test 8443',
    '*.wide.test',
    'plain.allowed.test 80',
    '198.51.100.12',
    '192.168.222.20',
    '2001:db8::12',
  ]),
  deny: [ruleOf('bad.wide.test'), ruleOf('198.51.100.66')],
};
const withClient: EgressPolicy = { ...policy, allow: [...policy.allow, { ...ruleOf('only.main.test'), client: 'gateway-main' }] };

/** What a proxy did: `passed` also if there was nobody to connect to, since no rule was in the way. */
type Outcome = { readonly passed: boolean; readonly status: number };

test('differential: 5000 texts after CONNECT -> Squid lets through nothing that decide denies, the gate decides as decide does', async () => {
  const { faults, passed, safer } = await compare(COUNT, (conf) => conf);
  process.stderr.write(`${JSON.stringify({ passed, ...Object.fromEntries(safer) })}\n`);
  assert.deepEqual(faults.slice(0, 20), [], `${faults.length} faults`);
  assert.ok(passed > COUNT / 20, `only ${passed} passed: nothing was compared`);
});

/** What somebody could get wrong in such a file, and how the comparison must take it. */
const MISTAKES: Readonly<Record<string, (conf: string) => string>> = {
  'a rule for a name opens what is below it': (conf) => conf.replaceAll('dstdomain -n api.allowed.test', 'dstdomain -n .api.allowed.test'),
  'names below a star are not anchored': (conf) => conf.replaceAll('wide\\.test$', 'wide\\.test'),
  'a denial is not there': (conf) => conf.replaceAll(/^http_access deny at_.*$/gm, ''),
  'every port is open': (conf) => conf.replaceAll(/^(http_access allow .*) port_\d+/gm, '$1'),
  'one client has the rules of the other': (conf) =>
    conf
      .replaceAll(/^acl at_2 .*$/gm, 'acl at_2 port 1')
      .replaceAll('myportname gateway-main', 'all-of-them')
      .replaceAll('acl at_1 all-of-them', 'acl at_1 src all'),
  'closed addresses are open': (conf) =>
    conf.replaceAll(' !never', '').replaceAll('address_1_443 dstdomain -n', 'address_1_443 dstdomain -n 127.0.0.1'),
};
for (const [mistake, make] of Object.entries(MISTAKES)) {
  test(`differential: ${mistake} -> is found`, async () => {
    const { faults } = await compare(1200, make);
    assert.ok(
      faults.some((one) => one.startsWith('squid')),
      'nothing was found',
    );
  });
}

async function compare(
  count: number,
  change: (conf: string) => string,
): Promise<{ readonly faults: readonly string[]; readonly safer: ReadonlyMap<string, number>; readonly passed: number }> {
  const lab = currentLab();
  assert.ok(lab);
  for (const name of ['*.allowed.test', '*.wide.test', 'wide.test', 'only.main.test', 'denied.test', 'other.test'])
    await lab.setName(name, { kind: 'same', addresses: [LAB.friendly], ttl: 300 });
  const folder = mkdtempSync(join(tmpdir(), 'squid-'));
  const gate = await startGate({ policy: withClient });
  const lines = new Map<number, AccessLine>();
  const server = await listenForLines(LOG_PORT, (text) => {
    const line = parseAccessLine(text);
    if (line?.fromPort !== undefined) lines.set(line.fromPort, line);
  });
  const clients = Object.entries(PORTS).map(([client, port]) => ({ client, port }));
  const conf = join(folder, 'squid.conf');
  const settings = { clients, healthPort: HEALTH_PORT, logPort: LOG_PORT, own: [LAB.host], pages: folder, dns: [LAB.resolver] };
  const right = squidConf(withClient, settings, Date.now());
  const text = change(right);
  assert.ok(count === COUNT || text !== right, 'the mistake is not in the file');
  writeFileSync(conf, text);
  chmodSync(folder, 0o711);
  const squid = spawn('setpriv', ['--reuid=40013', '--regid=40013', '--clear-groups', 'squid', '-N', '-n', 'difference', '-f', conf], {
    stdio: 'ignore',
  });
  try {
    const isWell = await until(async () => ((await askHealth(HEALTH_PORT, 403)) === 'well' ? true : undefined), {
      timeoutMs: 20_000,
      everyMs: 50,
    });
    assert.equal(isWell, true, 'squid does not answer');
    const faults: string[] = [];
    const safer = new Map<string, number>();
    let passed = 0;
    await inTurns(generateTargets(SEED, count), async (made) => {
      const expected = decided(made);
      lastFrom += 1;
      const from = lastFrom;
      const [ours, theirs] = await Promise.all([
        ask(connect(gate.path(made.client)), made.text),
        ask(connect({ host: '127.0.0.1', port: PORTS[made.client], localPort: from }), made.text),
      ]);
      const told = JSON.stringify(made);
      if (ours.passed !== (expected === 'allow')) faults.push(`gate ${ours.status}, decide ${expected}: ${told}`);
      passed += theirs.passed ? 1 : 0;
      if (!theirs.passed && expected === 'allow') safer.set(made.kind, (safer.get(made.kind) ?? 0) + 1);
      if (!theirs.passed || expected === 'allow') return;
      // What the gate does not take for a host and a port, Squid may read as one: then the place that it read must be allowed.
      const line = await until(() => Promise.resolve(lines.get(from)), { timeoutMs: ANSWER_MS, everyMs: 20 });
      const read = line?.toPort === undefined ? undefined : normaliseTarget(line.host, line.toPort);
      const isAllowed = read !== undefined && !('refused' in read) && decide(withClient, read, made.client, Date.now()).allowed;
      if (expected !== 'unreadable' || !isAllowed)
        faults.push(`squid ${theirs.status} as ${line?.host}:${line?.toPort}, decide ${expected}: ${told}`);
      else safer.set('odd spelling', (safer.get('odd spelling') ?? 0) + 1);
    });
    return { faults, safer, passed };
  } finally {
    squid.kill('SIGKILL');
    await once(squid, 'exit');
    server.close();
    await gate.remove();
    removeShared('difference');
    rmSync(folder, { recursive: true, force: true });
  }
}

function decided({ client, text }: Made): 'allow' | 'deny' | 'unreadable' {
  // No proxy takes letters beyond ASCII in a request.
  if (/[^\x20-\x7e]/.test(text)) return 'unreadable';
  const authority = parseAuthority(text);
  const target = 'refused' in authority ? authority : normaliseTarget(authority.host, authority.port);
  if ('refused' in target) return 'unreadable';
  return decide(withClient, target, client, Date.now()).allowed ? 'allow' : 'deny';
}

async function ask(socket: Socket, text: string): Promise<Outcome> {
  let answer = '';
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1');
    if (answer.length >= 12) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  socket.setTimeout(ANSWER_MS, () => socket.destroy());
  socket.write(Buffer.from(`CONNECT ${text} HTTP/1.1\r\nHost: proxy\r\n\r\n`, 'utf8'));
  await once(socket, 'close');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? '0');
  return { status, passed: status !== 0 && status !== 400 && status !== 403 };
}

async function inTurns(all: readonly Made[], work: (one: Made) => Promise<void>): Promise<void> {
  const left = all.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const one of left) await work(one);
    }),
  );
}
