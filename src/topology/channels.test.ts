import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { channelRules, gatewaySecrets } from './channels.ts';
import { SHORTEST, parseText, toldAbout } from './testing/parse-text.ts';

const TELEGRAM = 'channels: { telegram: { botToken: { secret: telegram_bot_token }, allowFrom: ["123456"] } }';
const gateway = (more: string): string => SHORTEST.replace('host: here }', `host: here, ${more} }`);
const telegram = (more: string): string => gateway(`channels: { telegram: { botToken: { secret: t }, ${more} } }`);

suite('channels: what is valid', () => {
  test('Telegram -> in the gateway, and its host open to that gateway alone', () => {
    const { gateways, egress, warnings } = parseText(gateway(`${TELEGRAM} }, two: { host: here`));
    assert.deepEqual(
      gateways.map((one) => one.channels),
      [{ telegram: { botToken: { secret: 'telegram_bot_token' }, allowFrom: ['123456'] } }, undefined],
    );
    assert.deepEqual(egress.allow, [{ host: 'api.telegram.org', port: 443, client: 'gateway-main', source: 'preset telegram' }]);
    assert.deepEqual(warnings, []);
  });

  test('channels that name none -> as if the key were not there', () => {
    assert.deepEqual(parseText(gateway('channels: {}')), parseText(SHORTEST));
    assert.deepEqual(channelRules(undefined, 'gateway-main'), []);
  });

  test('two gateways with a bot each -> each opens the host for itself', () => {
    const { egress } = parseText(gateway(`${TELEGRAM} }, two: { host: here, ${TELEGRAM.replace('telegram_bot_token', 'second_bot')}`));
    assert.deepEqual(
      egress.allow.map((rule) => `${rule.client} ${rule.host}:${rule.port}`),
      ['gateway-main api.telegram.org:443', 'gateway-two api.telegram.org:443'],
    );
  });
});

suite('channels: mistakes', () => {
  const at = 'gateways.main.channels';
  const table: readonly (readonly [string, string, readonly string[]])[] = [
    ['another channel', gateway('channels: { discord: {} }'), [`${at}.discord: not supported by this version yet`]],
    ['a misspelt channel', gateway('channels: { telegrm: {} }'), [`${at}.telegrm: unknown key, did you mean telegram?`]],
    ['no senders', telegram('allowFrom: []'), [`${at}.telegram.allowFrom: not a possible value`]],
    ['everybody', telegram('allowFrom: ["*"]'), [`${at}.telegram.allowFrom[0]: not a possible value`]],
    ['a name', telegram('allowFrom: ["@me"]'), [`${at}.telegram.allowFrom[0]: not a possible value`]],
    ['a group', telegram('allowFrom: ["-100123"]'), [`${at}.telegram.allowFrom[0]: not a possible value`]],
    ['a number without quotes', telegram('allowFrom: [123456]'), [`${at}.telegram.allowFrom[0]: not a possible value`]],
    ['senders left out', gateway('channels: { telegram: { botToken: { secret: t } } }'), [`${at}.telegram: allowFrom is missing`]],
    ['a policy of the person', telegram('allowFrom: ["1"], dmPolicy: open'), [`${at}.telegram.dmPolicy: unknown key`]],
    [
      "a gateway's own secret",
      gateway('channels: { telegram: { botToken: { secret: gateway_token }, allowFrom: ["1"] } }'),
      [`${at}.telegram.botToken.secret: not a possible value`],
    ],
    [
      'one bot for two gateways',
      gateway(`${TELEGRAM} }, two: { host: here, ${TELEGRAM}`),
      ['gateways.two.channels.telegram.botToken.secret: gateway main has this bot too'],
    ],
  ];
  for (const [name, text, told] of table) {
    test(`${name} -> ${told.join(' | ')}`, () => {
      assert.deepEqual(
        toldAbout(text).map((one) => one.replace(/^lobsterpot\.yaml:\d+:\d+: /, '')),
        told,
      );
    });
  }

  test('a token pasted in the place of its name -> never in a message', () => {
    const token = '123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';
    for (const botToken of [token, `"${token}"`, `{ secret: "${token}" }`, `{ "${token}": 1 }`, `[ "${token}" ]`]) {
      const told = toldAbout(gateway(`channels: { telegram: { botToken: ${botToken}, allowFrom: ["1"] } }`));
      assert.ok(told.length > 0 && !told.join('\n').includes('AAHdqT'), told.join('\n'));
    }
  });
});

test('gatewaySecrets: a model and a channel -> both, once each', () => {
  const model = 'model: { provider: openai, id: x, apiKey: { secret: KEY } }';
  const names = (key: string): readonly string[] => {
    const [main] = parseText(gateway(`${model.replace('KEY', key)}, ${TELEGRAM}`)).gateways;
    return main ? gatewaySecrets(main) : [];
  };
  assert.deepEqual(names('k'), ['k', 'telegram_bot_token']);
  assert.deepEqual(names('telegram_bot_token'), ['telegram_bot_token']);
});
