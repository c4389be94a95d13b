import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SHORTEST, toldAbout } from './testing/parse-text.ts';

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
    [
      'a node under an OpenClaw that cannot hold it',
      `${node('{ path: /usr/bin/uname }')}openclaw: 2026.9.4\n`,
      ['5:11: openclaw: OpenClaw 2026.9.4 runs gateways alone'],
    ],
    ['a version that YAML reads as a number', `${SHORTEST}openclaw: 2026.9\n`, ['4:11: openclaw: not a possible value']],
    ['a name in capitals', SHORTEST.replace('home', 'Home'), ['1:7: name: not a possible value']],
    ['a name that is a truth value', SHORTEST.replace('home', 'true'), ['1:7: name: not a possible value']],
    ['a number as a name', SHORTEST.replace('main', '1'), ['3:13: gateways.1: not a name']],
    [
      'a host over something else',
      SHORTEST.replace('here: {}', 'here: { connect: nas }'),
      ['2:27: hosts.here.connect: not the address of a host'],
    ],
    ['native', gateway('runtime: native'), ['3:42: gateways.main.runtime: not supported by this version yet']],
    ['budget', gateway('budget: {}'), ['3:33: gateways.main.budget: nothing counts it']],
    [
      'squid',
      `${SHORTEST}egress: { proxy: squid }\n`,
      ['4:18: egress.proxy: host here runs local processes, and Squid runs in containers alone'],
    ],
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
    ['__proto__', SHORTEST.replace('main: {', '__proto__: { host: here }, main: {'), ['3:13: the key __proto__ is not allowed']],
  ];
  for (const [name, text, expected] of table) {
    test(`${name} -> ${expected.join(' | ')}`, () => {
      assert.deepEqual(
        toldAbout(text),
        expected.map((one) => `lobsterpot.yaml:${one}`),
      );
    });
  }

  test('many mistakes of all kinds -> all of them in one pass, in the order of their lines', () => {
    const text =
      'name: Home\nhosts: { h: {} }\ngateways:\n  main: { hots: h, port: x, host: i }\nnodes:\n  n: { host: h, gateway: mian, exec: { allow: [ { path: x, args: "(" } ] } }\negress:\n  allow: [ "*.com", 3 ]\n';
    assert.deepEqual(
      toldAbout(text).map((one) => one.split(':').slice(1, 2)[0]),
      ['1', '4', '4', '4', '6', '6', '6', '8', '8'],
    );
  });

  test('a private key in the certificate file -> refused', () => {
    const files = { 'x.pem': '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' };
    assert.deepEqual(toldAbout(`${SHORTEST}egress: { ca: x.pem }\n`, files), [
      'lobsterpot.yaml:4:15: egress.ca: there is a private key in the file',
    ]);
  });
});
