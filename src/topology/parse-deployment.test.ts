import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { Problems } from '../core/problem.ts';
import type { Deployment } from './deployment.ts';
import { parseDeployment } from './parse-deployment.ts';

const SHORTEST = 'name: home\nhosts: { here: {} }\ngateways: { main: { host: here } }\n';

function parse(text: string, files: Readonly<Record<string, string>> = {}): Deployment {
  return parseDeployment(text, {
    file: 'lobsterpot.yaml',
    readFile: (path) => {
      const content = files[path];
      if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return Buffer.from(content);
    },
  });
}

function told(text: string, files: Readonly<Record<string, string>> = {}): readonly string[] {
  try {
    parse(text, files);
    return [];
  } catch (thrown) {
    if (thrown instanceof Problems) return thrown.all.map((one) => one.message);
    throw thrown;
  }
}

suite('parseDeployment: what is valid', () => {
  test('the shortest file -> every default', () => {
    assert.deepEqual(parse(SHORTEST), {
      name: 'home',
      openclaw: '2026.9.6',
      hosts: [{ name: 'here', connect: { kind: 'local' } }],
      gateways: [{ name: 'main', host: 'here', runtime: 'process', containment: 'full', port: 18_789 }],
      nodes: [],
      egress: { version: 1, deployment: 'home', mode: 'enforce', allow: [], deny: [] },
      warnings: [],
    });
  });

  test('the same file with Windows line ends and a byte order mark -> the same deployment', () => {
    assert.deepEqual(parse(`\u{feff}${SHORTEST.replaceAll('\n', '\r\n')}`), parse(SHORTEST));
  });

  test('the example -> no warning, its node may run one command', () => {
    const example = parse(readFileSync(new URL('../../examples/this-machine/lobsterpot.yaml', import.meta.url), 'utf8'));
    assert.deepEqual(example.warnings, []);
    assert.deepEqual(example.nodes[0]?.exec, [{ path: '/usr/bin/uname', args: '^-n$' }]);
    assert.deepEqual(example.gateways[0]?.model, {
      provider: 'anthropic',
      id: 'claude-sonnet-4-5',
      apiKey: { secret: 'anthropic_api_key' },
    });
  });

  test('a model -> its provider is open to its gateway alone', () => {
    const text = SHORTEST.replace(
      'host: here }',
      'host: here, model: { provider: openai, id: gpt-5, apiKey: { secret: k } } }, two: { host: here }',
    );
    assert.deepEqual(parse(text).egress.allow, [{ host: 'api.openai.com', port: 443, client: 'gateway-main', source: 'preset openai' }]);
  });

  test('several gateways and nodes on one host -> ports 200 apart, written ones kept', () => {
    const text =
      'name: a\nhosts: { h: {} }\ngateways: { a: { host: h }, b: { host: h, port: 18989 }, c: { host: h } }\nnodes: { x: { host: h, gateway: a }, y: { host: h, gateway: c } }\n';
    assert.deepEqual(
      parse(text).gateways.map((one) => one.port),
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
    assert.deepEqual(parse(text).egress, {
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

  test('the result is frozen all through', () => {
    const deployment = parse(SHORTEST);
    assert.ok(Object.isFrozen(deployment) && Object.isFrozen(deployment.gateways[0]) && Object.isFrozen(deployment.egress.allow));
  });
});

suite('parseDeployment: warnings', () => {
  const node = (exec: string): string => `${SHORTEST}nodes: { nas: { host: here, gateway: main, exec: { allow: [ ${exec} ] } } }\n`;
  const table: readonly (readonly [string, string, readonly string[]])[] = [
    ['containment none', SHORTEST.replace('host: here }', 'host: here, containment: none }'), ['gateways.main.containment']],
    ['report mode', `${SHORTEST}egress: { mode: report }\n`, ['egress.mode']],
    ['find without args', node('{ path: /usr/bin/find }'), ['nodes.nas.exec.allow[0]']],
    ['find with args', node('{ path: /usr/bin/find, args: "^/photos -name x$" }'), []],
    ['a shell even with args', node('{ path: /bin/sh, args: "^-c true$" }'), ['nodes.nas.exec.allow[0]']],
    ['python with a version', node('{ path: /usr/bin/python3.11, args: "^x$" }'), ['nodes.nas.exec.allow[0]']],
    ['args without anchors', node('{ path: /usr/bin/uname, args: "-n" }'), ['nodes.nas.exec.allow[0].args']],
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
        parse(text).warnings.map((one) => one.path),
        paths,
      );
    });
  }
});

suite('parseDeployment: mistakes', () => {
  const gateway = (more: string): string => SHORTEST.replace('host: here }', `host: here, ${more} }`);
  const node = (exec: string): string => `${SHORTEST}nodes: { nas: { host: here, gateway: main, exec: { allow: [ ${exec} ] } } }\n`;
  const allow = (rule: string): string => `${SHORTEST}egress:\n  allow:\n    - ${rule}\n`;
  const table: readonly (readonly [string, string, readonly string[]])[] = [
    ['an unknown key', gateway('hots: x'), ['3:33: gateways.main.hots: unknown key, did you mean host?']],
    ['an unknown key at the top', `${SHORTEST}egres: {}\n`, ['4:1: egres: unknown key, did you mean egress?']],
    ['an unknown key like no other', gateway('zzzzzz: 1'), ['3:33: gateways.main.zzzzzz: unknown key']],
    ['a missing key', 'name: a\nhosts: { h: {} }\ngateways: { main: {} }\n', ['3:13: gateways.main: host is missing']],
    ['a missing section', 'name: a\n', ['1:1: hosts is missing', '1:1: gateways is missing']],
    [
      'an empty section',
      'name: a\nhosts:\ngateways: { m: { host: h } }\n',
      ['2:1: hosts: not a possible value', '3:24: gateways.m.host: there is no host h'],
    ],
    [
      'no host at all',
      'name: a\nhosts: {}\ngateways: { m: { host: h } }\n',
      ['2:1: hosts: names nothing', '3:24: gateways.m.host: there is no host h'],
    ],
    ['a wrong type', gateway('port: "x"'), ['3:39: gateways.main.port: not a possible value']],
    ['a privileged port', gateway('port: 80'), ['3:39: gateways.main.port: not a possible value']],
    ['a fraction', gateway('port: 2000.5'), ['3:39: gateways.main.port: not a possible value']],
    ['a version that is not supported', `${SHORTEST}openclaw: 2026.1.1\n`, ['4:11: openclaw: not a possible value']],
    ['a version that YAML reads as a number', `${SHORTEST}openclaw: 2026.9\n`, ['4:11: openclaw: not a possible value']],
    ['a name in capitals', SHORTEST.replace('home', 'Home'), ['1:7: name: not a possible value']],
    ['a name that is a truth value', SHORTEST.replace('home', 'true'), ['1:7: name: not a possible value']],
    ['a number as a name', SHORTEST.replace('main', '1'), ['3:13: gateways.1: not a name']],
    [
      'a host over ssh',
      SHORTEST.replace('here: {}', 'here: { connect: ssh://a@nas }'),
      ['2:27: hosts.here.connect: not supported by this version yet'],
    ],
    ['docker', gateway('runtime: docker'), ['3:42: gateways.main.runtime: not supported by this version yet']],
    ['channels', gateway('channels: {}'), ['3:33: gateways.main.channels: not supported by this version yet']],
    ['squid', `${SHORTEST}egress: { proxy: squid }\n`, ['4:18: egress.proxy: not supported by this version yet']],
    [
      'an unknown host',
      SHORTEST.replace('host: here', 'host: hree'),
      ['3:27: gateways.main.host: there is no host hree, did you mean here?'],
    ],
    [
      'an unknown gateway',
      `${SHORTEST}nodes: { n: { host: here, gateway: mian } }\n`,
      ['4:36: nodes.n.gateway: there is no gateway mian, did you mean main?'],
    ],
    [
      'a node named like a gateway',
      `${SHORTEST}nodes: { main: { host: here, gateway: main } }\n`,
      ['4:10: nodes.main: main is a gateway too'],
    ],
    ['a reserved name', SHORTEST.replace('main', 'gate'), ['3:13: gateways.gate: the name gate is taken']],
    [
      'two hosts that are this machine',
      SHORTEST.replace('here: {}', 'here: {}, b: {}'),
      ['2:20: hosts.b: b and here are the same machine'],
    ],
    [
      'two gateways on one port',
      gateway('port: 18789 }, b: { host: here, port: 18789'),
      ['3:71: gateways.b.port: port 18789 is taken by gateway main'],
    ],
    [
      'a default port that is taken below',
      gateway('port: 18989 }, b: { host: here }, c: { host: here, port: 18789'),
      ['3:90: gateways.c.port: port 18789 is taken by gateway b'],
    ],
    ['the same key twice', `${SHORTEST}name: again\n`, ['4:1: the same key stands twice']],
    [
      'two gateways of one name',
      SHORTEST.replace('host: here }', 'host: here }, main: { host: here }'),
      ['3:35: the same key stands twice'],
    ],
    ['a bare program name', node('{ path: uname }'), ['4:69: nodes.nas.exec.allow[0].path: not the path of one program']],
    ['a path with a detour', node('{ path: /usr/bin/../sbin/x }'), ['4:69: nodes.nas.exec.allow[0].path: not the path of one program']],
    [
      'a path with a control character',
      node('{ path: "/usr/bin/\\u0007x" }'),
      ['4:69: nodes.nas.exec.allow[0].path: not the path of one program'],
    ],
    ['a path with arguments', node('{ path: /usr/bin/uname -n }'), ['4:69: nodes.nas.exec.allow[0].path: not the path of one program']],
    ['a wildcard path', node('{ path: /usr/bin/* }'), ['4:69: nodes.nas.exec.allow[0].path: not the path of one program']],
    [
      'args that are no regular expression',
      node('{ path: /usr/bin/x, args: "(" }'),
      ['4:87: nodes.nas.exec.allow[0].args: not a regular expression'],
    ],
    ['an entry that is a text', node('/usr/bin/x'), ['4:61: nodes.nas.exec.allow[0]: not a possible value']],
    ['a rule over a public suffix', allow('"*.com"'), ['6:7: egress.allow[0]: not a rule']],
    ['a rule with a scheme', allow('https://a.example.com'), ['6:7: egress.allow[0]: not a rule']],
    ['a rule that is a number', allow('3'), ['6:7: egress.allow[0]: not a possible value']],
    ['an unknown preset', allow('{ preset: telegrm }'), ['6:17: egress.allow[0].preset: there is no such preset, did you mean telegram?']],
    [
      'an unknown client',
      allow('{ host: a.example.com, client: mian }'),
      ['6:38: egress.allow[0].client: there is no gateway or node mian, did you mean main?'],
    ],
    ['a duration in a file', allow('{ host: a.example.com, for: 1h }'), ['6:30: egress.allow[0].for: a file cannot say for how long']],
    ['a moment that is none', allow('{ host: a.example.com, until: tomorrow }'), ['6:37: egress.allow[0].until: not a possible value']],
    ['a certificate file that is not there', `${SHORTEST}egress: { ca: x.pem }\n`, ['4:15: egress.ca: the file cannot be read']],
    ['a certificate file elsewhere', `${SHORTEST}egress: { ca: ../x.pem }\n`, ['4:15: egress.ca: not a safe path']],
    ['an empty file', '', ['1:1: the file is empty']],
    ['comments alone', '# nothing\n', ['1:1: the file is empty']],
    ['a list', '- a\n', ['1:1: not a deployment']],
    ['a tab', 'name: a\nhosts:\n\th: {}\n', ['3:1: not valid YAML']],
    ['a second document', `${SHORTEST}---\nname: b\n`, ['4:1: more than one document']],
    ['an unclosed brace', 'name: a\nhosts: { h: {\n', ['3:1: not valid YAML', '3:1: not valid YAML']],
    ['a custom tag', 'name: !!js/function a\n', ['1:7: not valid YAML']],
    ['__proto__', `${SHORTEST.replace('main: {', '__proto__: { host: here }, main: {')}`, ['3:13: the key __proto__ is not allowed']],
  ];
  for (const [name, text, expected] of table) {
    test(`${name} -> ${expected.join(' | ')}`, () => {
      assert.deepEqual(
        told(text),
        expected.map((one) => `lobsterpot.yaml:${one}`),
      );
    });
  }

  test('many mistakes of all kinds -> all of them in one pass, in the order of their lines', () => {
    const text =
      'name: Home\nhosts: { h: {} }\ngateways:\n  main: { hots: h, port: x, host: i }\nnodes:\n  n: { host: h, gateway: mian, exec: { allow: [ { path: x, args: "(" } ] } }\negress:\n  allow: [ "*.com", 3 ]\n';
    assert.deepEqual(
      told(text).map((one) => one.split(':').slice(1, 2)[0]),
      ['1', '4', '4', '4', '6', '6', '6', '8', '8'],
    );
  });

  test('a private key in the certificate file -> refused', () => {
    const files = { 'x.pem': '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' };
    assert.deepEqual(told(`${SHORTEST}egress: { ca: x.pem }\n`, files), [
      'lobsterpot.yaml:4:15: egress.ca: there is a private key in the file',
    ]);
  });
});

suite('parseDeployment: hostile text', () => {
  test('nested aliases -> refused before they grow', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`),
    ].join('\n');
    assert.deepEqual(told(`${bomb}\n`), ['lobsterpot.yaml:1:1: too many aliases']);
  });

  test('ten thousand open brackets -> told, not a crash', () => {
    assert.equal(told('['.repeat(100_000)).length > 0, true);
  });

  test('a key pasted in the place of its name -> never in a message', () => {
    const key = 'sk-ant-api03-Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4';
    const places = [
      `apiKey: ${key}`,
      `apiKey: { secret: ${key} }`,
      `apiKey: { ${key}: 1 }`,
      `apiKey: { secret: [ ${key} ] }`,
      `apiKey: "${key}`,
      `apiKey: *${key}`,
      `apiKey: !${key} x`,
      `apiKey: { secret: x }, ${key}: y`,
    ];
    for (const place of places) {
      const text = SHORTEST.replace('host: here }', `host: here, model: { provider: openai, id: x, ${place} } }`);
      let thrown: unknown;
      try {
        parse(text);
      } catch (error) {
        thrown = error;
      }
      assert.ok(thrown instanceof Problems, place);
      const all = JSON.stringify(thrown.all.map((one) => one.toJSON()));
      assert.ok(!all.includes('Zm9vYmFy'), `${place} -> ${all}`);
    }
  });

  test('any text -> a deployment or Problems, never another error', () => {
    const piece = fc.constantFrom(
      'name',
      ':',
      ' ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      'hosts',
      'gateways',
      'main',
      '&a',
      '*a',
      '!!',
      '"',
      "'",
      '|',
      '>',
      '#',
      '?',
      '__proto__',
      '\t',
      '<<',
      '0',
      'null',
      '~',
      '---',
      '%YAML 1.1',
      '\u{feff}',
      '\u{0}',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 40 }), (parts) => void told(parts.join(''))),
      { numRuns: 500 },
    );
  });

  test('any value in any place of a valid file -> a deployment or Problems with a place', () => {
    const paths = [
      'name',
      'openclaw',
      'hosts',
      'hosts.here',
      'hosts.here.connect',
      'gateways',
      'gateways.main',
      'gateways.main.host',
      'gateways.main.port',
      'gateways.main.model',
      'nodes',
      'nodes.n',
      'nodes.n.exec',
      'nodes.n.exec.allow',
      'egress',
      'egress.allow',
      'egress.allow.0',
      'egress.ca',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.json(), (path, json) => {
        const value: unknown = JSON.parse(json);
        for (const line of told(JSON.stringify(withValue(path.split('.'), value)))) assert.match(line, /^lobsterpot\.yaml:\d+:\d+: /);
      }),
      { numRuns: 500 },
    );
  });
});

function withValue(path: readonly string[], value: unknown): unknown {
  const whole = {
    name: 'a',
    hosts: { here: {} },
    gateways: { main: { host: 'here' } },
    nodes: { n: { host: 'here', gateway: 'main' } },
    egress: { allow: ['a.example.com'] },
  };
  return replaced(whole, path, value);
}

function replaced(whole: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(whole)) return whole.map((one: unknown, at) => (String(at) === key ? replaced(one, rest, value) : one));
  const record: object = typeof whole === 'object' && whole !== null ? whole : {};
  return { ...record, [key]: replaced(Object.entries(record).find(([name]) => name === key)?.[1], rest, value) };
}
