import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { verifyTrail } from '../src/audit/verify-trail.ts';
import { parseSpec } from '../src/runtimes/docker/spec.ts';
import { HOST_PORTS, startCanary, type Canary } from './docker/canaries.ts';
import { engineRefusal } from './docker/prepare.ts';
import { NET } from './docker/start-engine.ts';
import { tryInside, type Attempt } from './docker/try-inside.ts';
import { withStage, type Staged } from './docker/with-stage.ts';
import { assertKilled, hasUnendedStart, killUnderLoad } from './support/gate-killed.ts';

const refusal = await engineRefusal();

// A real engine, the real gate, a stand-in gateway and node: who reaches whom, and who reaches nobody.
suite('docker: networks', { skip: refusal, timeout: 5 * 60_000 }, () => {
  let stage: Staged;
  let host: Canary;
  let neighbour: Canary;
  before(async () => {
    stage = await withStage({ up: true });
    host = await startCanary(stage.on, 'host', HOST_PORTS);
    neighbour = await startCanary(stage.on, 'neighbour', [80, 8443]);
  });
  after(async () => {
    await host?.[Symbol.asyncDispose]();
    await neighbour?.[Symbol.asyncDispose]();
    await stage?.[Symbol.asyncDispose]();
  });

  const inner = ['gateway-main', 'node-nas'] as const;

  for (const service of inner) {
    test(`${service} -> no address of its own host, its LAN or the internet`, async () => {
      const bridges = (await bridgeAddresses(stage)).flatMap((address) => HOST_PORTS.map((port): Attempt => ['tcp', address, port]));
      const others = HOST_PORTS.flatMap((port): readonly Attempt[] => [
        ['tcp', NET.host, port],
        ['tcp', NET.docker0, port],
      ]);
      const outside: readonly Attempt[] = [
        ['tcp', NET.neighbour, 80],
        ['tcp', NET.internet, 8443],
        ['tcp', '169.254.169.254', 80],
      ];
      const reached = await tryInside(stage.runtime, service, [...bridges, ...others, ...outside, ['tcp', '127.0.0.1', 3128]]);
      // The control: the same code reaches what it may.
      assert.equal(reached.at(-1), 'open');
      assert.deepEqual(
        [...new Set(reached.slice(0, -1))].filter((one) => one === 'open'),
        [],
      );
    });
  }

  test('the gate -> what it is there for (the control of what the others may not)', async () => {
    const reached = await tryInside(stage.runtime, 'gate', [
      ['tcp', NET.internet, 8443],
      ['tcp', NET.host, 5000],
    ]);
    assert.deepEqual(reached, ['open', 'open']);
    assert.ok(host.seen().includes('tcp 5000'));
    assert.ok(neighbour.seen().includes('tcp 8443'));
  });

  test('names -> nobody answers an inner service, and nobody hears its question', async () => {
    const [own = ''] = await tryInside(stage.runtime, 'gate', [['look', 'control.example.test']]);
    assert.equal(own, NET.internet);
    assert.ok(host.seen().includes('dns control.example.test.'));
    for (const service of inner) {
      const [answer = ''] = await tryInside(stage.runtime, service, [['look', `leak-${service}.example.test`]]);
      // Refused at once: a name that is waited for would hold up what asks.
      assert.equal(answer, 'EREFUSED');
      assert.deepEqual(
        host.seen().filter((line) => line.includes(service)),
        [],
      );
      assert.deepEqual(
        neighbour.seen().filter((line) => line.includes(service)),
        [],
      );
    }
  });

  test('names -> each question stands in the trail under who asked, whichever resolver it was', async () => {
    const name = (service: string, by: string): string => `${by}-${service}.question.test`;
    for (const service of inner) {
      const [own = '', engines = ''] = await tryInside(stage.runtime, service, [
        ['look', name(service, 'own')],
        ['ask', '127.0.0.11', name(service, 'engine')],
      ]);
      assert.equal(own, 'EREFUSED');
      // An engine of today says no by itself, and nobody learns of the question; an older one asks the sinkhole.
      assert.ok(['EREFUSED', 'ESERVFAIL'].includes(engines), engines);
      const { stdout } = await stage.runtime.inside('gate', ['/bin/sh', '-c', 'cat /state/trail/*'], { timeoutMs: 10_000 });
      const lines = stdout.split('\n').filter((line) => line.includes(`${service}.question.test`));
      for (const line of lines) assert.match(line, new RegExp(`"client":"${service}".*"reason":"dns-question","via":"dns"`));
      assert.ok(
        lines.some((line) => line.includes(name(service, 'own'))),
        stdout.slice(-2000),
      );
      if (engines === 'EREFUSED')
        assert.ok(
          lines.some((line) => line.includes(name(service, 'engine'))),
          stdout.slice(-2000),
        );
    }
  });

  test('the gate -> knows each client by the network it comes through', async () => {
    for (const service of inner)
      assert.match((await tryInside(stage.runtime, service, [['connect', `${service}.denied.test:443`]]))[0] ?? '', / 403 /);
    const trail = await stage.runtime.inside('gate', ['/bin/sh', '-c', 'cat /state/trail/*'], { timeoutMs: 10_000 });
    for (const service of inner) {
      const line = trail.stdout.split('\n').find((one) => one.includes(`${service}.denied.test`)) ?? '';
      assert.match(line, new RegExp(`"client":"${service}"`));
    }
  });

  test('the gate is killed under load -> nothing gets out meanwhile, it is back at once, and the trail is whole and shows it', async (t) => {
    const load = { target: `${NET.internet}:8443`, direct: { host: NET.internet, port: 8443 } };
    const kill = async (): Promise<void> =>
      void (await stage.runtime.inside('gate', ['{node}', '-e', 'process.kill(-1, "SIGKILL")'], { timeoutMs: 5000 }));
    const seen = await killUnderLoad(stage.runtime, 'node-nas', load, kill);
    t.diagnostic(JSON.stringify(seen));
    await assertKilled(seen, 2000);
    const folder = await mkdtemp(join(tmpdir(), 'lobsterpot-trail-'));
    try {
      const all = join(stage.root, 'services/gate/state/trail');
      for (const name of await stage.files.list(all)) await writeFile(join(folder, name), (await stage.files.read(join(all, name))) ?? '');
      const checked = await verifyTrail(folder);
      assert.equal(checked.ok, true, JSON.stringify(checked));
      assert.ok(await hasUnendedStart(folder));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("a client -> not another one's listener, nor a listener that is nobody's", async () => {
    const { launch } = await specOf(stage, 'gate');
    const all = launch.listeners.flatMap((one) => (one.kind === 'hand' && 'host' in one.at ? [{ name: one.name, at: one.at }] : []));
    const others = all.filter((one) => one.name !== 'egress-node-nas');
    assert.equal(others.length, all.length - 1);
    const own = all.filter((one) => one.name === 'egress-node-nas');
    const reached = await tryInside(
      stage.runtime,
      'node-nas',
      [...own, ...others].map(({ at }): Attempt => ['tcp', at.host, at.port]),
    );
    assert.equal(reached[0], 'open');
    assert.ok(!reached.slice(1).includes('open'), String(reached));
    assert.deepEqual(
      launch.listeners.filter((one) => one.name === 'control').map((one) => one.kind === 'hand' && one.at),
      [{ path: '/run/lobsterpot/control.sock' }],
    );
  });

  test('a port behind an inner network only is never published: the ingress publishes it, on loopback alone', async () => {
    const at = async (where: 'host' | 'neighbour', address: string): Promise<string> => {
      const script = `fetch('http://${address}:21789/hello', { signal: AbortSignal.timeout(3000) }).then((a) => a.text()).then(console.log, () => console.log('no'))`;
      const result = await stage.on.host.run([...stage.on.on(where), process.execPath, '--eval', script], { timeoutMs: 10_000 });
      return result.stdout.trim();
    };
    assert.match(await at('host', '127.0.0.1'), /"path":"\/hello"/);
    assert.equal(await at('host', NET.host), 'no');
    assert.equal(await at('neighbour', NET.host), 'no');
    assert.equal(await stage.docker(['inspect', '--format', '{{json .NetworkSettings.Ports}}', 'lobsterpot-home-gateway-main']), '{}');
  });

  test('every network -> from the chosen subnet, internal unless it is the way out of one service', async () => {
    const names = (await stage.docker(['network', 'ls', '--filter', 'label=lobsterpot.deployment=home', '--format', '{{.Name}}'])).split(
      '\n',
    );
    assert.equal(names.length, 6);
    for (const name of names) {
      const [internal, subnet, ipv6] = (
        await stage.docker(['network', 'inspect', '--format', '{{.Internal}} {{(index .IPAM.Config 0).Subnet}} {{.EnableIPv6}}', name])
      ).split(' ');
      assert.equal(internal, String(!name.endsWith('.outside')), name);
      assert.match(subnet ?? '', /^10\.87\.(?:1[6-9]|2\d|3[01])\.\d+\/29$/);
      assert.equal(ipv6, 'false');
    }
  });

  test('a service without a way out -> no IPv6 address but loopback', async () => {
    const result = await stage.runtime.inside(
      'node-nas',
      ['/bin/sh', '-c', 'cat /proc/net/if_inet6; cat /proc/sys/net/ipv6/conf/all/disable_ipv6'],
      { timeoutMs: 10_000 },
    );
    assert.equal(result.stdout, '1\n');
  });
});

async function specOf(stage: Staged, service: string): Promise<ReturnType<typeof parseSpec>> {
  const text = await stage.files.read(`${stage.root}/services/${service}/spec.json`);
  return parseSpec(Buffer.from(text ?? []).toString('utf8'), service);
}

/** The addresses that the engine keeps for the bridges of the deployment's networks. */
async function bridgeAddresses(stage: Staged): Promise<readonly string[]> {
  const names = (await stage.docker(['network', 'ls', '--filter', 'label=lobsterpot.deployment=home', '--format', '{{.Name}}'])).split(
    '\n',
  );
  return (await stage.docker(['network', 'inspect', '--format', '{{(index .IPAM.Config 0).Gateway}}', ...names])).split('\n');
}
