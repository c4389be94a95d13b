import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { parseText, toldAbout } from './testing/parse-text.ts';

/** A gateway on `here` and a node on `nas`, with more keys for each. */
function two(more: {
  readonly here?: string;
  readonly nas?: string;
  readonly gateway?: string;
  readonly node?: string;
  readonly top?: string;
}): string {
  return [
    'name: home',
    `hosts: { here: { ${more.here ?? ''} }, nas: { ${more.nas ?? 'connect: ssh://admin@nas.lan'} } }`,
    `gateways: { main: { host: here, ${more.gateway ?? ''} } }`,
    `nodes: { n: { host: nas, gateway: main, ${more.node ?? LINK} } }`,
    more.top ?? '',
  ].join('\n');
}

const LINK = 'link: { type: ssh-tunnel, user: me, address: 192.168.1.10 }';
const REMOTE = 'connect: ssh://op@mac.lan:2222';

function told(text: string): readonly string[] {
  return toldAbout(text).map((one) => one.replace(/^lobsterpot\.yaml:\d+:\d+: /, ''));
}

function table(rows: readonly (readonly [string, string, readonly string[]])[]): void {
  for (const [what, text, expected] of rows) {
    test(`${what} -> ${expected.length === 0 ? 'valid' : expected.join(' | ')}`, () => assert.deepEqual(told(text), expected));
  }
}

suite('hosts: mistakes', () => {
  const connect = (written: string): string => two({ nas: `connect: ${written}` });
  const no = ['hosts.nas.connect: not the address of a host'];
  table([
    ['an account and a name', connect('ssh://admin@nas.lan'), []],
    ['an alias', connect('ssh://nas'), []],
    ['a port', connect('ssh://nas:2222'), []],
    ['IPv6', connect('"ssh://admin@[fd00::1]:2222"'), []],
    ['no scheme', connect('nas.lan'), no],
    ['the form of scp', connect('admin@nas.lan'), no],
    ['a password', connect('ssh://admin:hunter2@nas.lan'), no],
    ['a path', connect('ssh://nas.lan/volume1'), no],
    ['an option in the place of a host', connect('"ssh://-oProxyCommand=x"'), no],
    ['an option in the place of an account', connect('ssh://-l@nas'), no],
    ['no host', connect('ssh://'), no],
    ['a port that is none', connect('ssh://nas:99999'), no],
    ['a line break', connect('"ssh://nas\\nx"'), no],
    ['a number', connect('3'), ['hosts.nas.connect: not a possible value']],
    [
      'two names for one machine',
      two({ nas: REMOTE, here: 'connect: ssh://other@MAC.lan:2222', node: 'link: ssh-tunnel' }),
      ['hosts.nas: nas and here are the same machine'],
    ],
    ['a folder', two({ nas: 'connect: ssh://a@nas.lan, dir: /volume1/docker/openclaw' }), []],
    ['a relative folder', two({ nas: 'connect: ssh://a@nas.lan, dir: docker' }), ['hosts.nas.dir: not a folder for a deployment']],
    ['a network', two({ nas: 'connect: ssh://a@nas.lan, subnet: 10.87.16.0/20' }), []],
    ['a public network', two({ nas: 'connect: ssh://a@nas.lan, subnet: 8.8.0.0/20' }), ['hosts.nas.subnet: not a network to cut from']],
    ['a folder without docker', two({ here: 'dir: /srv/openclaw' }), ['hosts.here.dir: only with runtime: docker']],
    ['a network without docker', two({ here: 'subnet: 10.0.0.0/20' }), ['hosts.here.subnet: only with runtime: docker']],
    ['an image', two({ top: 'image: ghcr.io/openclaw/openclaw:2026.9.6' }), []],
    ['an image that is none', two({ top: 'image: "-v /:/host"' }), ['image: not a possible value']],
  ]);

  test('a password in an address -> never in a message', () => {
    for (const written of ['ssh://admin:hunter2@nas', 'ssh:admin:hunter2@nas', '"admin:hunter2@nas"']) {
      assert.ok(!toldAbout(connect(written)).join('\n').includes('hunter2'));
    }
  });
});

suite('places: mistakes', () => {
  table([
    ['process elsewhere', two({ node: `${LINK}, runtime: process` }), ['nodes.n.runtime: host nas is not this machine']],
    [
      'two ways on one host',
      two({ gateway: 'runtime: docker }, b: { host: here, runtime: process' }),
      ['gateways.b.runtime: what else runs on host here has runtime: docker'],
    ],
    ['native', two({ gateway: 'runtime: native' }), ['gateways.main.runtime: not supported by this version yet']],
    [
      'no containment in a container',
      two({ node: `${LINK}, containment: none` }),
      ['nodes.n.containment: a container is always contained'],
    ],
    [
      'a process that dials another host',
      two({ nas: 'connect: local', here: REMOTE, node: 'link: ssh-tunnel' }),
      ['nodes.n.runtime: gateway main is on another host, here'],
    ],
    [
      'a link on one host',
      'name: a\nhosts: { h: {} }\ngateways: { g: { host: h } }\nnodes: { n: { host: h, gateway: g, link: ssh-tunnel } }\n',
      ['nodes.n.link: there is nothing to link'],
    ],
    [
      'folders for a process',
      'name: a\nhosts: { h: {} }\ngateways: { g: { host: h } }\nnodes: { n: { host: h, gateway: g, volumes: [ /srv/x ] } }\n',
      ['nodes.n.volumes: only with runtime: docker'],
    ],
    [
      'a gateway called ingress',
      'name: a\nhosts: { h: {} }\ngateways: { ingress: { host: h } }\n',
      ['gateways.ingress: the name ingress is taken'],
    ],
    ['one port on two hosts', two({ gateway: 'port: 20000 }, b: { host: nas, port: 20000' }), []],
  ]);
});

suite('links: mistakes', () => {
  const link = (written: string): string => two({ node: `link: ${written}` });
  const lacks = (what: string): readonly string[] => [`nodes.n.link: the link from nas to here lacks ${what}`];
  table([
    ['no link towards this machine', two({ node: '' }), lacks('user and address')],
    ['its short form towards this machine', link('ssh-tunnel'), lacks('user and address')],
    ['no address', link('{ type: ssh-tunnel, user: me }'), lacks('address')],
    ['no account', link('{ type: ssh-tunnel, address: 192.168.1.10 }'), lacks('user')],
    ['no account in the address of the gateway', two({ here: 'connect: ssh://mac.lan', node: '' }), lacks('user')],
    [
      'the loopback of the node',
      link('{ type: ssh-tunnel, user: me, address: 127.0.0.1 }'),
      ['nodes.n.link.address: not a possible value'],
    ],
    ['localhost', link('{ type: ssh-tunnel, user: me, address: LocalHost }'), ['nodes.n.link.address: not a possible value']],
    [
      'an option in the place of an address',
      link('{ type: ssh-tunnel, user: me, address: "-oX" }'),
      ['nodes.n.link.address: not a possible value'],
    ],
    [
      'an address that is broken',
      link('{ type: ssh-tunnel, user: me, address: 192.168.1.300 }'),
      ['nodes.n.link.address: not a possible value'],
    ],
    [
      'an account that is none',
      link('{ type: ssh-tunnel, user: "a b", address: 192.168.1.10 }'),
      ['nodes.n.link.user: not a possible value'],
    ],
    [
      'a port that is none',
      link('{ type: ssh-tunnel, user: me, address: 192.168.1.10, port: 0 }'),
      ['nodes.n.link.port: not a possible value'],
    ],
    ['tailscale', link('tailscale'), ['nodes.n.link: not supported by this version yet']],
    [
      'tls in its long form',
      link('{ type: tls, user: me, address: 192.168.1.10 }'),
      ['nodes.n.link.type: not supported by this version yet'],
    ],
    ['another word', link('{ type: ssh, user: me, address: 192.168.1.10 }'), ['nodes.n.link.type: not a possible value']],
    [
      'a misspelt key',
      link('{ type: ssh-tunnel, user: me, adress: x, address: 192.168.1.10 }'),
      ['nodes.n.link.adress: unknown key, did you mean address?'],
    ],
  ]);
});

suite('volumes and bind: mistakes', () => {
  const node = (volumes: string): string =>
    two({ nas: 'connect: ssh://a@nas.lan, dir: /volume1/docker/pot', node: `${LINK}, volumes: [ ${volumes} ]` });
  const no = ['nodes.n.volumes[0]: not a folder to give to a node'];
  const bind = (written: string): string => two({ gateway: `bind: ${written}` });
  const nowhere = ['gateways.main.bind: not an address to publish on'];
  table([
    ['folders', node('/volume1/photos:ro, /volume1/backup, { path: /volume1/x, readOnly: true }'), []],
    ['a relative folder', node('photos'), no],
    ["the deployment's own folder", node('/volume1/docker/pot'), no],
    ["a folder above the deployment's own", node('/volume1/docker:ro'), no],
    ['the socket of Docker', node('/volume1/docker.sock'), no],
    ['another option than ro', node('/volume1/photos:rw'), no],
    ['the same twice', node('/volume1/a, "/volume1/a:ro"'), ['nodes.n.volumes[1]: the same folder stands twice']],
    ['the long form', node('{ path: /etc }'), ['nodes.n.volumes[0].path: not a folder to give to a node']],
    ['a number', node('3'), ['nodes.n.volumes[0]: not a possible value']],
    ['loopback', bind('127.0.0.1'), []],
    ['loopback of IPv6', bind('"::1"'), []],
    ['one address', bind('192.168.1.5'), []],
    ['every address', bind('0.0.0.0'), nowhere],
    ['every address of IPv6', bind('"::"'), nowhere],
    ['every address in a disguise', bind('"::ffff:0.0.0.0"'), nowhere],
    ['a name', bind('nas.lan'), nowhere],
    ['an address of a zone', bind('"fe80::1%eth0"'), nowhere],
    ['multicast', bind('224.0.0.1'), nowhere],
  ]);

  test('another address than loopback -> a warning', () => {
    assert.deepEqual(
      parseText(bind('192.168.1.5')).warnings.map((one) => one.path),
      ['gateways.main.bind'],
    );
    assert.deepEqual(parseText(bind('127.0.0.1')).warnings, []);
  });
});

suite('several hosts: what is valid', () => {
  test('without runtime -> processes on this machine, containers elsewhere, and as the first that says so', () => {
    const text = 'name: a\nhosts: { h: {}, i: { connect: ssh://a@i.lan } }\ngateways: { a: { host: h }, b: { host: i } }\n';
    assert.deepEqual(
      parseText(text).gateways.map((one) => one.runtime),
      ['process', 'docker'],
    );
    assert.deepEqual(
      parseText(`${text}nodes: { n: { host: h, gateway: a, runtime: docker } }\n`).gateways.map((one) => one.runtime),
      ['docker', 'docker'],
    );
  });

  test("a link -> what is not written comes from the gateway's host", () => {
    const link = (node: string): unknown => parseText(two({ here: REMOTE, node })).nodes[0]?.link;
    const from = { kind: 'ssh-tunnel', user: 'op', address: 'mac.lan', port: 2222 };
    assert.deepEqual(link(''), from);
    assert.deepEqual(link('link: ssh-tunnel'), from);
    assert.deepEqual(link('link: { type: ssh-tunnel, address: 10.0.0.2, port: 22 }'), { ...from, address: '10.0.0.2', port: 22 });
    assert.deepEqual(parseText(two({})).nodes[0]?.link, { kind: 'ssh-tunnel', user: 'me', address: '192.168.1.10', port: 22 });
  });

  test('an address that a container may not find -> a warning', () => {
    for (const [host, count] of [
      ['mac.local', 1],
      ['mac', 1],
      ['mac.lan', 0],
      ['192.168.1.2', 0],
    ] as const) {
      assert.equal(parseText(two({ here: `connect: ssh://me@${host}`, node: '' })).warnings.length, count, host);
    }
  });

  test('hosts, folders, volumes, image -> as written', () => {
    const one = parseText(
      two({
        nas: 'connect: ssh://nas, dir: /volume1/docker/pot, subnet: 172.20.0.0/16',
        node: `${LINK}, volumes: [ "/volume1/My Photos:ro", { path: /volume1/backup } ]`,
        top: 'image: lab/openclaw@sha256:'.concat('a'.repeat(64)),
      }),
    );
    assert.deepEqual(one.hosts, [
      { name: 'here', connect: { kind: 'local' } },
      { name: 'nas', connect: { kind: 'ssh', host: 'nas' }, dir: '/volume1/docker/pot', subnet: '172.20.0.0/16' },
    ]);
    assert.deepEqual(one.nodes[0]?.volumes, [
      { path: '/volume1/My Photos', readOnly: true },
      { path: '/volume1/backup', readOnly: false },
    ]);
    assert.equal(one.image, `lab/openclaw@sha256:${'a'.repeat(64)}`);
  });

  for (const example of ['one-cluster', 'two-gateways']) {
    test(`the example ${example} -> no warning`, () => {
      const text = readFileSync(new URL(`../../examples/${example}/lobsterpot.yaml`, import.meta.url), 'utf8');
      assert.deepEqual(parseText(text).warnings, []);
    });
  }
});
