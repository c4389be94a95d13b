import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';

import type { Deployment, GatewayEntry, HostEntry, NodeEntry } from '../topology/deployment.ts';
import { compile, type CompileInput } from './compile.ts';
import type { Service } from './service.ts';

const nothing: CompileInput = { gateBundle: '', presentSecrets: new Set<string>(), deviceIds: new Map<string, string>() };

const gateway = (name: string, host: string, more: Partial<GatewayEntry> = {}): GatewayEntry => ({
  name,
  host,
  runtime: 'docker',
  containment: 'full',
  diskMiB: 20_480,
  port: 18_789,
  bind: '127.0.0.1',
  credentials: 'route',
  ...more,
});

const node = (name: string, host: string, of: string, more: Partial<NodeEntry> = {}): NodeEntry => ({
  name,
  host,
  runtime: 'docker',
  containment: 'full',
  diskMiB: 20_480,
  gateway: of,
  exec: [],
  volumes: [],
  ...more,
});

const LINK = { kind: 'ssh-tunnel', user: 'me', address: '192.168.1.10', port: 22 } as const;

function deployment(gateways: readonly GatewayEntry[], nodes: readonly NodeEntry[], more: Partial<Deployment> = {}): Deployment {
  const names = [...new Set([...gateways, ...nodes].map((one) => one.host))];
  return {
    name: 'home',
    openclaw: '2026.9.6',
    image: 'image',
    hosts: names.map((name): HostEntry => ({ name, connect: { kind: 'local' } })),
    gateways,
    nodes,
    egress: { version: 1, deployment: 'home', mode: 'enforce', allow: [], deny: [] },
    warnings: [],
    ...more,
  };
}

const anyDeployment = fc
  .record({
    gateways: fc.uniqueArray(fc.record({ name: fc.stringMatching(/^g[a-c]$/), host: fc.constantFrom('a', 'b') }), {
      selector: (one) => one.name,
      minLength: 1,
    }),
    nodes: fc.uniqueArray(fc.record({ name: fc.stringMatching(/^n[a-d]$/), host: fc.constantFrom('a', 'b'), of: fc.nat() }), {
      selector: (one) => one.name,
    }),
    runtimes: fc.record({ a: fc.constantFrom('process', 'docker'), b: fc.constant('docker') }),
  })
  .map(({ gateways, nodes, runtimes }) => {
    const made = gateways.map((one, at) =>
      gateway(one.name, one.host, { runtime: one.host === 'a' ? runtimes.a : runtimes.b, port: 20_000 + at }),
    );
    return deployment(
      made,
      nodes.flatMap((one) => {
        const of = made[one.of % made.length];
        if (!of) return [];
        return [node(one.name, one.host, of.name, of.host === one.host ? {} : { link: LINK })];
      }),
    );
  });

function serviceAt(services: readonly Service[], host: string, name: string): Service {
  const found = services.filter((one) => one.host === host && one.name === name);
  assert.equal(found.length, 1, `${name} on ${host}`);
  const [one] = found;
  assert.ok(one);
  return one;
}

suite('compile: several hosts', () => {
  test('any deployment -> names are unique on a host, every forward and every wait leads to a service of that host', () => {
    fc.assert(
      fc.property(anyDeployment, (one) => {
        const services = compile(one, nothing);
        assert.equal(new Set(services.map(({ host, name }) => `${host} ${name}`)).size, services.length);
        for (const [at, service] of services.entries()) {
          for (const forward of service.forwards) {
            const { listeners } = serviceAt(services, service.host, forward.service);
            assert.equal(listeners.filter(({ name }) => name === forward.listener).length, 1);
          }
          for (const name of service.after) {
            assert.ok(services.slice(0, at).includes(serviceAt(services, service.host, name)), `${name} before ${service.name}`);
          }
        }
      }),
    );
  });

  test('any deployment -> a listener serves one consumer: a forward, a published port, or the operator at the gate', () => {
    fc.assert(
      fc.property(anyDeployment, (one) => {
        const services = compile(one, nothing);
        for (const service of services) {
          for (const { name } of service.listeners) {
            const forwards = services
              .filter(({ host }) => host === service.host)
              .flatMap((other) => other.forwards.filter((forward) => forward.service === service.name && forward.listener === name));
            const published = service.published.filter(({ listener }) => listener === name);
            if (name === 'control') assert.equal(forwards.length + published.length, 0);
            else if (service.role === 'gate') assert.equal(forwards.length, 1);
            else if (service.role === 'link') assert.equal(forwards.length, 1);
          }
        }
      }),
    );
  });

  test('any deployment -> gateways and nodes have no way out, and what has one publishes or dials', () => {
    fc.assert(
      fc.property(anyDeployment, (one) => {
        for (const { role, network, published } of compile(one, nothing)) {
          assert.equal(network, role === 'gateway' || role === 'node' ? 'none' : 'outside');
          if (role === 'gate' || role === 'link' || role === 'node') assert.deepEqual(published, []);
        }
      }),
    );
  });

  test('rules of a client on another host -> not in the policy of this one', () => {
    const rule = (host: string, client?: string) => ({ host, port: 443, source: 'x', ...(client === undefined ? {} : { client }) });
    const egress: Deployment['egress'] = {
      version: 1,
      deployment: 'home',
      mode: 'enforce',
      allow: [rule('all.example'), rule('one.example', 'gateway-one'), rule('two.example', 'gateway-two')],
      deny: [rule('evil.example', 'gateway-two')],
    };
    const services = compile(deployment([gateway('one', 'a'), gateway('two', 'b')], [], { egress }), nothing);
    const policy = (host: string): string =>
      serviceAt(services, host, 'gate').files.find(({ name }) => name === 'policy.json')?.content ?? '';
    assert.deepEqual(policy('a').match(/\w+\.example/g), ['all.example', 'one.example']);
    assert.deepEqual(policy('b').match(/\w+\.example/g), ['all.example', 'two.example', 'evil.example']);
  });

  test('another address than loopback -> published there and on loopback, which links and lobsterpot use; the UI takes it as an origin', () => {
    const [, gateOn, ingress] = compile(deployment([gateway('main', 'a', { bind: 'fd00::5', port: 20_000 })], []), nothing);
    assert.deepEqual(ingress?.published, [
      { address: 'fd00::5', port: 20_000, listener: 'ui' },
      { address: '127.0.0.1', port: 20_000, listener: 'ui' },
    ]);
    assert.match(gateOn?.files[0]?.content ?? '', /"http:\/\/localhost:20000",\s*"http:\/\/\[fd00::5\]:20000"/);
  });

  test('a node on another host -> its link dials the published port, and its files are its own', () => {
    const one = deployment([gateway('main', 'a', { port: 20_000 })], [node('nas', 'b', 'main', { link: { ...LINK, port: 2222 } })]);
    const services = compile(one, { ...nothing, linkHostKeys: new Map([['a', ['ssh-ed25519 A']]]) });
    const link = serviceAt(services, 'b', 'link-nas');
    assert.deepEqual(link.command.slice(-8), ['-L', '127.0.0.1:18790:127.0.0.1:20000', '-p', '2222', '-l', 'me', '--', '192.168.1.10']);
    assert.deepEqual(link.files, [{ name: 'known_hosts', content: '[192.168.1.10]:2222 ssh-ed25519 A\n' }]);
    assert.deepEqual(link.secrets, [{ name: 'link-nas-key', file: 'link-key' }]);
    assert.deepEqual(serviceAt(services, 'b', 'node-nas').after, ['gate', 'link-nas']);
    assert.equal(compile(one, nothing).find(({ role }) => role === 'link')?.files[0]?.content, '');
  });

  test('one node -> exec is bound to its device; several -> to none, since OpenClaw refuses every other node than the bound one', () => {
    const ids = { ...nothing, deviceIds: new Map([['x', 'd'.repeat(64)]]) };
    const config = (...nodes: readonly NodeEntry[]): string =>
      compile(deployment([gateway('main', 'a')], nodes), ids).find(({ role }) => role === 'gateway')?.files[0]?.content ?? '';
    assert.match(config(node('x', 'a', 'main')), /d{64}/);
    assert.doesNotMatch(config(node('x', 'a', 'main'), node('y', 'b', 'main', { link: LINK })), /d{64}/);
    assert.match(config(node('x', 'a', 'main'), node('y', 'b', 'main', { link: LINK })), /"mode": "allowlist"/);
    assert.match(config(), /"mode": "deny"/);
  });
});
