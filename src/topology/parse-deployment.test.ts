import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { SHORTEST, parseText } from './testing/parse-text.ts';

suite('parseDeployment: what is valid', () => {
  test('the shortest file -> every default', () => {
    assert.deepEqual(parseText(SHORTEST), {
      name: 'home',
      openclaw: '2026.9.6',
      image: 'ghcr.io/openclaw/openclaw:2026.9.6',
      hosts: [{ name: 'here', connect: { kind: 'local' } }],
      gateways: [
        {
          name: 'main',
          host: 'here',
          runtime: 'process',
          containment: 'full',
          diskMiB: 20_480,
          port: 18_789,
          bind: '127.0.0.1',
          credentials: 'file',
        },
      ],
      nodes: [],
      egress: { version: 1, deployment: 'home', mode: 'enforce', allow: [], deny: [] },
      warnings: [],
    });
  });

  test('the same file with Windows line ends and a byte order mark -> the same deployment', () => {
    assert.deepEqual(parseText(`\u{feff}${SHORTEST.replaceAll('\n', '\r\n')}`), parseText(SHORTEST));
  });

  test('the example -> no warning, its node may run one command', () => {
    const example = parseText(readFileSync(new URL('../../examples/this-machine/lobsterpot.yaml', import.meta.url), 'utf8'));
    assert.deepEqual(example.warnings, []);
    assert.deepEqual(example.nodes[0]?.exec, [{ path: '/usr/bin/uname', args: '^-n$' }]);
    assert.deepEqual(example.gateways[0]?.model, {
      provider: 'anthropic',
      id: 'claude-sonnet-5',
      apiKey: { secret: 'anthropic_api_key' },
    });
  });

  test('a model -> its provider is open to its gateway alone', () => {
    const text = SHORTEST.replace(
      'host: here }',
      'host: here, model: { provider: openai, id: gpt-5, apiKey: { secret: k } } }, two: { host: here }',
    );
    assert.deepEqual(parseText(text).egress.allow, [
      { host: 'api.openai.com', port: 443, client: 'gateway-main', source: 'preset openai' },
    ]);
  });

  test('several gateways and nodes on one host -> ports 200 apart, written ones kept', () => {
    const text =
      'name: a\nhosts: { h: {} }\ngateways: { a: { host: h }, b: { host: h, port: 18989 }, c: { host: h } }\nnodes: { x: { host: h, gateway: a }, y: { host: h, gateway: c } }\n';
    assert.deepEqual(
      parseText(text).gateways.map((one) => one.port),
      [18_789, 18_989, 19_189],
    );
  });

  test('rules -> normalised, for clients by service name, repetitions dropped', () => {
    const text = `${SHORTEST}nodes: { nas: { host: here, gateway: main } }
egress:
  allow:
    - API.example.com.
    - api.example.com:443
    - "*.example.org:8443"
    - { host: b.example.com, client: nas, until: "2026-12-31T18:00:00Z" }
    - { preset: telegram, client: main }
  deny: [ evil.example.org ]
`;
    assert.deepEqual(parseText(text).egress, {
      version: 1,
      deployment: 'home',
      mode: 'enforce',
      allow: [
        { host: 'api.example.com', port: 443, source: 'lobsterpot.yaml' },
        { host: '*.example.org', port: 8443, source: 'lobsterpot.yaml' },
        { host: 'b.example.com', port: 443, client: 'node-nas', until: Date.UTC(2026, 11, 31, 18), source: 'lobsterpot.yaml' },
        { host: 'api.telegram.org', port: 443, client: 'gateway-main', source: 'preset telegram' },
      ],
      deny: [{ host: 'evil.example.org', port: 443, source: 'lobsterpot.yaml' }],
    });
  });

  test('egress.level: balanced -> its hosts for every client; open -> the mode that lets pass; deny stays', () => {
    const at = (level: string) =>
      parseText(`${SHORTEST}egress: { level: ${level}, allow: [ a.example.com ], deny: [ b.example.com ] }\n`).egress;
    assert.deepEqual([at('locked').mode, at('locked').allow.length], ['enforce', 1]);
    assert.deepEqual(
      [at('balanced').mode, at('balanced').allow[1]],
      ['enforce', { host: 'en.wikipedia.org', port: 443, source: 'level balanced' }],
    );
    assert.deepEqual([at('open').mode, at('open').allow.length, at('open').deny.length], ['report', 1, 1]);
  });

  test('egress.days: a number -> how long the trail is kept; none -> nothing is said; no days -> refused with its path', () => {
    assert.equal(parseText(`${SHORTEST}egress: { days: 90 }\n`).trailDays, 90);
    assert.equal('trailDays' in parseText(SHORTEST), false);
    for (const days of ['0', '-1', '1.5', '4000', 'many'])
      assert.throws(() => parseText(`${SHORTEST}egress: { days: ${days} }\n`), /egress\.days/);
  });

  test('the result is frozen all through', () => {
    const deployment = parseText(SHORTEST);
    assert.ok(Object.isFrozen(deployment) && Object.isFrozen(deployment.gateways[0]) && Object.isFrozen(deployment.egress.allow));
  });
});

suite('parseDeployment: warnings', () => {
  const node = (exec: string): string => `${SHORTEST}nodes: { nas: { host: here, gateway: main, exec: { allow: [ ${exec} ] } } }\n`;
  const table: readonly (readonly [string, string, readonly string[]])[] = [
    ['containment none', SHORTEST.replace('host: here }', 'host: here, containment: none }'), ['gateways.main.containment']],
    ['report mode', `${SHORTEST}egress: { mode: report }\n`, ['egress.mode']],
    ['an open level', `${SHORTEST}egress: { level: open }\n`, ['egress.level']],
    ['a balanced level', `${SHORTEST}egress: { level: balanced }\n`, []],
    ['find without args', node('{ path: /usr/bin/find }'), ['nodes.nas.exec.allow[0]']],
    ['find with args', node('{ path: /usr/bin/find, args: "^/photos -name x$" }'), []],
    ['a shell even with args', node('{ path: /bin/sh, args: "^-c true$" }'), ['nodes.nas.exec.allow[0]']],
    ['python with a version', node('{ path: /usr/bin/python3.11, args: "^x$" }'), ['nodes.nas.exec.allow[0]']],
    ['args without anchors', node('{ path: /usr/bin/uname, args: "-n" }'), ['nodes.nas.exec.allow[0].args']],
    ['alternatives that are not tied', node('{ path: /usr/bin/uname, args: "^-n|-a$" }'), ['nodes.nas.exec.allow[0].args']],
    ['alternatives in a group', node('{ path: /usr/bin/uname, args: "^(-n|-a)$" }'), []],
    ['a dollar sign that is a letter', node("{ path: /usr/bin/uname, args: '^-n\\$' }"), ['nodes.nas.exec.allow[0].args']],
    ['a bar that is a letter', node('{ path: /usr/bin/uname, args: "^[|]$" }'), []],
    [
      'args overruled by an entry without',
      node('{ path: /usr/bin/uname, args: "^-n$" }, { path: /usr/bin/uname }'),
      ['nodes.nas.exec.allow[0]'],
    ],
    ['a harmless program', node('{ path: /usr/bin/uname }'), []],
  ];
  for (const [name, text, paths] of table) {
    test(`${name} -> ${paths.length === 0 ? 'none' : paths.join(', ')}`, () => {
      assert.deepEqual(
        parseText(text).warnings.map((one) => one.path),
        paths,
      );
    });
  }
});
