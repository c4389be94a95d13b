import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { Problems } from '../core/problem.ts';
import { SHORTEST, parseText, toldAbout } from './testing/parse-text.ts';

suite('parseDeployment: hostile text', () => {
  test('nested aliases -> refused before they grow', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`),
    ].join('\n');
    assert.deepEqual(toldAbout(`${bomb}\n`), ['lobsterpot.yaml:1:1: too many aliases']);
  });

  test('ten thousand open brackets -> told, not a crash', () => {
    assert.equal(toldAbout('['.repeat(100_000)).length > 0, true);
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
        parseText(text);
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
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 40 }), (parts) => void toldAbout(parts.join(''))),
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
      'hosts.here.dir',
      'hosts.here.subnet',
      'image',
      'gateways',
      'gateways.main',
      'gateways.main.host',
      'gateways.main.port',
      'gateways.main.bind',
      'gateways.main.runtime',
      'gateways.main.model',
      'nodes',
      'nodes.n',
      'nodes.n.exec',
      'nodes.n.exec.allow',
      'nodes.n.link',
      'nodes.n.link.address',
      'nodes.n.volumes',
      'nodes.n.volumes.0',
      'egress',
      'egress.allow',
      'egress.allow.0',
      'egress.ca',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.json(), (path, json) => {
        const value: unknown = JSON.parse(json);
        for (const line of toldAbout(JSON.stringify(withValue(path.split('.'), value)))) assert.match(line, /^lobsterpot\.yaml:\d+:\d+: /);
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
