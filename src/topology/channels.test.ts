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

const WORKER = 'worker: { url: "https://Worker.example.org:8443/a2a/v1", token: { secret: worker_token } }';
const peers = (text: string, credentials = ', credentials: route'): string =>
  gateway(`channels: { a2a: { peers: { ${text} } } }${credentials}`);

suite('peers: what is valid', () => {
  test('a peer -> read from its URL, its host open to that gateway alone, its token a secret of that gateway', () => {
    const { gateways, egress } = parseText(peers(WORKER.replace('worker_token }', 'worker_token }, budget: { day: { requests: 9 } }')));
    const [main] = gateways;
    const token = { secret: 'worker_token' };
    const at = { host: 'worker.example.org', port: 8443, path: '/a2a/v1' };
    assert.deepEqual(main?.channels, { a2a: { peers: [{ name: 'worker', ...at, token, budget: { day: { requests: 9 } } }] } });
    assert.deepEqual(egress.allow, [{ host: at.host, port: 8443, client: 'gateway-main', source: 'a2a peer worker' }]);
    assert.deepEqual(main && gatewaySecrets(main), ['worker_token']);
  });

  test('no peers, or no channel -> as if the key were not there', () => {
    assert.deepEqual(parseText(peers('')), parseText(gateway('credentials: route')));
  });

  test('one token for two names of one place -> valid', () => {
    assert.deepEqual(
      toldAbout(peers(`${WORKER}, again: { url: "https://worker.example.org:8443/rpc", token: { secret: worker_token } }`)),
      [],
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
    ['a peer with keys as files', peers(WORKER, ''), [`${at}.a2a: OpenClaw would hold the tokens of its peers as plain text`]],
    [
      'the same, in so many words',
      peers(WORKER, ', credentials: file'),
      [`${at}.a2a: OpenClaw would hold the tokens of its peers as plain text`],
    ],
    [
      'callers',
      gateway('credentials: route, channels: { a2a: { peers: {}, callers: {} } }'),
      [`${at}.a2a.callers: not supported by this version yet`],
    ],
    ['peers left out', gateway('credentials: route, channels: { a2a: {} }'), [`${at}.a2a: peers is missing`]],
    [
      'a peer without encryption',
      peers(WORKER.replace('https', 'http')),
      [`${at}.a2a.peers.worker.url: no other agent can be asked there`],
    ],
    [
      'a peer at an address',
      peers(WORKER.replace('Worker.example.org', '10.0.0.7')),
      [`${at}.a2a.peers.worker.url: no other agent can be asked there`],
    ],
    ['a peer at no path', peers(WORKER.replace('/a2a/v1', '')), [`${at}.a2a.peers.worker.url: no other agent can be asked there`]],
    ['a peer without a token', peers('worker: { url: "https://w.test/x" }'), [`${at}.a2a.peers.worker: token is missing`]],
    ['a peer without a place', peers('worker: { token: { secret: t } }'), [`${at}.a2a.peers.worker: url is missing`]],
    ['a peer whose name is none', peers(WORKER.replace('worker:', 'Worker:')), [`${at}.a2a.peers.Worker: not a name`]],
    [
      'a budget of dollars',
      peers(WORKER.replace('worker_token }', 'worker_token }, budget: { day: { usd: 1, requests: 1 } }')),
      [`${at}.a2a.peers.worker.budget.day.usd: unknown key`],
    ],
    [
      'one token for two places',
      peers(`${WORKER}, other: { url: "https://other.example.org/a2a/v1", token: { secret: worker_token } }`),
      [`${at}.a2a.peers.other.token.secret: peer worker has this secret too`],
    ],
    [
      "the model's key for a peer",
      gateway(
        `credentials: route, model: { provider: openai, id: x, apiKey: { secret: worker_token } }, channels: { a2a: { peers: { ${WORKER} } } }`,
      ),
      [`${at}.a2a.peers.worker.token.secret: the model of gateway main has this secret too`],
    ],
    [
      "another gateway's bot for a peer",
      gateway(
        `credentials: route, channels: { a2a: { peers: { ${WORKER} } } } }, two: { host: here, ${TELEGRAM.replace('telegram_bot_token', 'worker_token')}`,
      ),
      [`${at}.a2a.peers.worker.token.secret: the bot of gateway two has this secret too`],
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
