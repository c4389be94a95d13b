import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { verifyTrail } from '../../../src/audit/verify-trail.ts';
import { isRecord } from '../../../src/core/json.ts';
import { until } from '../../../src/core/wait.ts';
import { realHello } from '../../../src/gate/testing/hello-bytes.ts';
import { policyOf, ruleOf } from '../../gate/start-gate.ts';
import { LAB } from '../../lab/addresses.ts';
import { currentLab } from '../../lab/lab-client.ts';
import { startKeeper, type RunningKeeper } from '../start-keeper.ts';

// Runs inside the lab (squid.e2e.test.ts starts it there) with one of the Squids.
const PROGRAM = process.env['SQUID_PROGRAM'] ?? '/usr/sbin/squid';
const READS_HELLO = process.env['SQUID_READS_HELLO'] === 'yes';
const WAIT = { timeoutMs: 8000, everyMs: 20 };
/** Of something that is tried again and again: a connection that a change of the policy catches may be lost. */
const TRIES = { timeoutMs: 30_000, everyMs: 20 };
const POLICY = {
  ...policyOf([
    'api.anthropic.com',
    '*.evil.test',
    'private.lab.test',
    'mixed.lab.test',
    'host.lab.test',
    'rebind.lab.test',
    LAB.friendly,
    'nowhere.lab.test',
  ]),
  deny: [ruleOf('bad.evil.test')],
};
const withClient = { ...POLICY, allow: [...POLICY.allow, { ...ruleOf('friendly.test'), client: 'gateway-main' }] };

suite(`squid ${READS_HELLO ? 'with' : 'without'} OpenSSL`, () => {
  let keeper: RunningKeeper;
  const lab = currentLab();
  before(async () => {
    keeper = await startKeeper(PROGRAM, withClient);
  });
  after(async () => {
    const checked = await verifyTrail(keeper.trailFolder);
    await keeper.remove();
    assert.equal(checked.ok, true, JSON.stringify(checked));
  });

  type Line = Readonly<Record<string, unknown>>;
  const records = (kind: string): readonly Line[] =>
    readdirSync(keeper.trailFolder)
      .toSorted()
      .flatMap((name) => readFileSync(join(keeper.trailFolder, name), 'utf8').trim().split('\n'))
      .map((line): unknown => JSON.parse(line))
      .filter(isRecord)
      .filter((line) => line['kind'] === kind);

  /** CONNECT, then these bytes, until the far end has said something or the tunnel is over. */
  async function go(
    text: string,
    hello: Buffer,
    client = 'gateway-main',
  ): Promise<{ readonly status: string; readonly far: number; readonly socket: Socket }> {
    const socket = connect(keeper.port(client), '127.0.0.1');
    socket.on('error', () => socket.destroy());
    socket.write(`CONNECT ${text} HTTP/1.1\r\nHost: ${text}\r\n\r\n`);
    let head = '';
    let far = 0;
    socket.on('data', (chunk: Buffer) => {
      if (head.includes('\r\n\r\n')) far += chunk.length;
      else {
        head += chunk.toString('latin1');
        if (head.startsWith('HTTP/1.1 200')) socket.write(hello);
      }
    });
    await until(async () => (far > 0 || socket.closed || (head !== '' && !head.startsWith('HTTP/1.1 200')) ? true : undefined), WAIT);
    return { status: head.slice(9, 12), far, socket };
  }

  /** A tunnel through which the far end has answered; a change of the policy may cost the first tries. */
  async function opened(host: string, client: string): Promise<Socket> {
    const hello = await realHello({ servername: host });
    const open = await until(async () => {
      const tried = await go(`${host}:443`, hello, client);
      if (tried.far > 0) return tried.socket;
      tried.socket.destroy();
      return undefined;
    }, TRIES);
    assert.ok(open, `${host} was not opened`);
    return open;
  }

  async function told(text: string, name: string | undefined, client?: string): Promise<string> {
    const seen = records('decision').length;
    const hello = name === undefined ? Buffer.from('GET / HTTP/1.1\r\n\r\n') : await realHello(name === '' ? {} : { servername: name });
    const { socket, far } = await go(text, hello, client);
    socket.destroy();
    const line = await until(async () => records('decision')[seen], WAIT);
    return `${String(line?.['verdict'])} ${String(line?.['reason'])}${far > 0 ? ', answered' : ''}`;
  }

  function noFault(): void {
    const path = join(keeper.trailFolder, '../run/squid.conf');
    const { status, stderr } = spawnSync(PROGRAM, ['-k', 'parse', '-n', 'parse', '-f', path], { encoding: 'utf8', timeout: 10_000 });
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stderr, /\| (?:WARNING|ERROR|FATAL)/);
  }

  const CASES: readonly (readonly [situation: string, text: string, name: string | undefined, expected: string, client?: string])[] = [
    ['an allowed host', 'api.anthropic.com:443', 'api.anthropic.com', 'allow rule, answered'],
    ['the same in other letters', 'API.Anthropic.com.:443', 'api.anthropic.com', 'allow rule, answered'],
    ['below a star', 'x.evil.test:443', 'x.evil.test', 'allow rule, answered'],
    ['an address with its rule', `${LAB.friendly}:443`, '', 'allow rule, answered'],
    ['denied below a star', 'bad.evil.test:443', 'bad.evil.test', 'deny deny-rule'],
    ['the name of the star', 'evil.test:443', 'evil.test', 'deny no-rule'],
    ['another port', 'api.anthropic.com:8443', 'api.anthropic.com', 'deny no-rule'],
    ['an address without a rule', `${LAB.hostile}:443`, '', 'deny address-without-rule'],
    ['metadata', `${LAB.metadata}:443`, '', 'deny never-class'],
    ['a name that leads into the LAN', 'private.lab.test:443', 'private.lab.test', 'deny private-address'],
    ['a name that leads into the LAN too', 'mixed.lab.test:443', 'mixed.lab.test', 'deny private-address'],
    ['a name that leads to its own host', 'host.lab.test:443', 'host.lab.test', 'deny private-address'],
    ['a name that answers with loopback the second time', 'rebind.lab.test:443', 'rebind.lab.test', 'allow rule, answered'],
    ['a rule of this client', 'friendly.test:443', 'friendly.test', 'allow rule, answered'],
    ['a rule of another client', 'friendly.test:443', 'friendly.test', 'deny no-rule', 'node-nas'],
    ['another name in the ClientHello', 'api.anthropic.com:443', 'x.evil.test', READS_HELLO ? 'deny sni-mismatch' : 'allow rule, answered'],
    ['no name in the ClientHello', 'api.anthropic.com:443', '', READS_HELLO ? 'deny sni-missing' : 'allow rule, answered'],
    ['a name on the way to an address', `${LAB.friendly}:443`, 'x.evil.test', READS_HELLO ? 'deny sni-mismatch' : 'allow rule, answered'],
    ['an odd spelling of the port', 'api.anthropic.com:0443', 'api.anthropic.com', 'deny bad-target'],
    ['dots too many', 'api.anthropic.com..:443', 'api.anthropic.com', 'deny bad-target'],
    ['no ClientHello', 'api.anthropic.com:443', undefined, READS_HELLO ? 'deny not-tls' : 'allow rule'],
  ];
  for (const [situation, text, name, expected, client] of CASES) {
    test(`${situation} -> ${expected}`, async () => assert.equal(await told(text, name, client), expected));
  }

  test('a plain request -> refused, and recorded as one', async () => {
    const socket = connect(keeper.port('gateway-main'), '127.0.0.1');
    socket.write('GET http://api.anthropic.com/ HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n');
    const [chunk] = await once(socket, 'data');
    socket.destroy();
    assert.match(String(chunk), /^HTTP\/1\.1 403 /);
    assert.ok(await until(async () => records('decision').find((one) => one['via'] === 'http' && one['reason'] === 'no-rule'), WAIT));
  });

  test('a denied name -> is never looked up', async () => {
    assert.equal(await told('canary-4711.nobody.test:443', 'x'), 'deny no-rule');
    const { entries } = (await lab?.ledger()) ?? assert.fail();
    assert.equal(JSON.stringify(entries).includes('canary-4711'), false);
  });

  test('an operator allows for a moment -> it is open, then closed again with what it had opened; nothing else is', async () => {
    const atMs = Date.now();
    keeper.setOverrides({
      version: 1,
      rules: [{ verdict: 'allow', host: 'friendly.test', port: 443, client: 'node-nas', until: atMs + 4000, by: 'root', atMs }],
    });
    const answer = await keeper.ask({ op: 'reload', by: 'root', change: 'allow friendly.test for 4s' });
    assert.ok(answer.ok);
    const [open, other] = [await opened('friendly.test', 'node-nas'), await opened('api.anthropic.com', 'node-nas')];
    assert.equal(await until(async () => (open.closed ? true : undefined), WAIT), true, 'the tunnel outlived its rule');
    assert.ok(Date.now() >= atMs + 4000);
    assert.equal(other.closed, false, 'a tunnel that is still allowed was closed too');
    other.destroy();
    assert.ok(await until(async () => records('end').find((one) => one['client'] === 'node-nas' && one['why'] === 'policy'), WAIT));
    assert.equal(
      await until(
        async () => ((await told('friendly.test:443', 'friendly.test', 'node-nas')) === 'deny no-rule' ? true : undefined),
        TRIES,
      ),
      true,
    );
  });

  test('what was denied -> waits for a yes, as at the gate', async () => {
    const answer = await keeper.ask({ op: 'pending' });
    assert.ok(answer.ok && answer.op === 'pending');
    assert.ok(answer.pending.some(({ host, client }) => host === 'evil.test' && client === 'gateway-main'));
  });

  test('a wider policy -> what is open stays open', async () => {
    const socket = await opened('api.anthropic.com', 'gateway-main');
    keeper.setPolicy({ ...withClient, allow: [...withClient.allow, ruleOf('evil.test')] });
    await keeper.ask({ op: 'reload' });
    assert.equal(await until(async () => ((await told('evil.test:443', 'evil.test')).startsWith('allow') ? true : undefined), TRIES), true);
    assert.equal(socket.closed, false);
    socket.destroy();
  });

  test('report mode -> what no rule names passes, what a rule denies does not, and the file has no fault', async () => {
    keeper.setPolicy({ ...withClient, mode: 'report', deny: [ruleOf('bad.evil.test'), ruleOf('*.denied.test')] });
    await keeper.ask({ op: 'reload' });
    (await opened('evil.test', 'gateway-main')).destroy();
    const { status } = await go('bad.evil.test:443', await realHello({ servername: 'bad.evil.test' }));
    assert.equal(status, '403');
    noFault();
    keeper.setPolicy(withClient);
    await keeper.ask({ op: 'reload' });
  });

  test('the rendered file -> squid -k parse says nothing against it', noFault);

  test('Squid is killed -> nothing passes, and the service ends so that it is started anew', async () => {
    const own = await startKeeper(PROGRAM, withClient, 23_000);
    try {
      const pids = spawnSync('pgrep', ['-P', String(own.child.pid), 'squid'], { encoding: 'utf8' })
        .stdout.trim()
        .split('\n');
      process.kill(Number(pids[0]), 'SIGKILL');
      const [code] = await once(own.child, 'exit');
      assert.equal(code, 1);
    } finally {
      await own.remove();
    }
  });
});
