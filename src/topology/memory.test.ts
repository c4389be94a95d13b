import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toldAbout, parseText } from './testing/parse-text.ts';
import { gatewaySecrets } from './channels.ts';

const gateway = (keys: string): string => `name: home
hosts: { here: {} }
gateways:
  main: { host: here, ${keys} }
`;
const OPENAI = 'model: { provider: openai, id: gpt-5.5, apiKey: { secret: openai_key } }';
const ANTHROPIC = 'model: { provider: anthropic, id: claude-sonnet-5, apiKey: { secret: anthropic_key } }';
const OWN = 'memory: { search: { provider: openai, apiKey: { secret: openai_key } } }';
const BY_OPENAI = { search: { provider: 'openai', apiKey: { secret: 'openai_key' } } };

suite('memory of a gateway', () => {
  for (const [situation, keys, memory, secrets] of [
    ['not a word', OPENAI, undefined, ['openai_key']],
    ['nothing in it', `${OPENAI}, memory: {}`, undefined, ['openai_key']],
    ['not searched', `${OPENAI}, memory: { search: false }`, undefined, ['openai_key']],
    ['by the provider of the model', `${OPENAI}, memory: { search: true }`, BY_OPENAI, ['openai_key']],
    ['the same at length', `${OPENAI}, ${OWN}`, BY_OPENAI, ['openai_key']],
    ['by another than the model', `${ANTHROPIC}, ${OWN}`, BY_OPENAI, ['anthropic_key', 'openai_key']],
    ['without a model', OWN, BY_OPENAI, ['openai_key']],
  ] as const) {
    test(`${situation} -> ${memory === undefined ? 'off' : 'searched'}, ${secrets.join(' and ')}`, () => {
      const [main] = parseText(gateway(keys)).gateways;
      assert.ok(main);
      assert.deepEqual([main.memory, gatewaySecrets(main)], [memory, secrets]);
    });
  }

  test('searched -> the host of the provider is opened for this gateway, once', () => {
    const rules = (keys: string): readonly string[] =>
      parseText(gateway(keys)).egress.allow.map((one) => `${one.host} ${one.client ?? ''}`);
    assert.deepEqual(rules(`${ANTHROPIC}, ${OWN}`), ['api.anthropic.com gateway-main', 'api.openai.com gateway-main']);
    assert.deepEqual(rules(`${OPENAI}, ${OWN}`), ['api.openai.com gateway-main']);
  });

  for (const [situation, keys, told] of [
    [
      'true beside a provider without vectors',
      `${ANTHROPIC}, memory: { search: true }`,
      'gateways.main.memory.search: the provider of this model is not asked for vectors',
    ],
    ['true without a model', 'memory: { search: true }', 'gateways.main.memory.search: there is no model whose provider could be asked'],
    [
      'two keys of one provider',
      `${OPENAI}, memory: { search: { provider: openai, apiKey: { secret: another } } }`,
      'gateways.main.memory.search.apiKey.secret: the model has another key of openai',
    ],
    [
      'another provider',
      'memory: { search: { provider: voyage, apiKey: { secret: k } } }',
      'gateways.main.memory.search.provider: not a possible value',
    ],
    ['no key', 'memory: { search: { provider: openai } }', 'gateways.main.memory.search: apiKey is missing'],
    ['neither yes nor no', `${OPENAI}, memory: { search: on purpose }`, 'gateways.main.memory.search: not a possible value'],
    ['another key', 'memory: { serach: true }', 'gateways.main.memory.serach: unknown key, did you mean search?'],
  ] as const) {
    test(`${situation} -> told at its place`, () => {
      assert.deepEqual(
        toldAbout(gateway(keys)).map((one) => one.replace(/^lobsterpot\.yaml:\d+:\d+: /, '')),
        [told],
      );
    });
  }
});
