import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { INSIDE } from '../inside-paths.ts';
import { channelPlugins, channelSecrets, channelsSection, NO_CALLER } from './channels.ts';
import { gatewayConfig } from './gateway-config.ts';

const TELEGRAM = { telegram: { secret: 'family-bot', allowFrom: ['123456', '7'] } };
const asIs = { serializers: [(value: string) => value] };
const golden = (name: string): string => new URL(`golden/${name}`, import.meta.url).pathname;

test('gatewayConfig: a model and Telegram -> golden', (t) => {
  const text = gatewayConfig({
    publishedPort: 18789,
    model: { provider: 'anthropic', id: 'claude-sonnet-5', secret: 'anthropic_api_key' },
    channels: TELEGRAM,
  });
  t.assert.fileSnapshot(text, golden('gateway-telegram.json.golden'), asIs);
});

test('channels: Telegram behind a route -> its address, a token that is none, and no secret', () => {
  const routed = { telegram: { allowFrom: ['7'] } };
  const text = JSON.stringify(channelsSection(routed, INSIDE));
  assert.match(text, /"botToken":"1:held-by-the-gate","apiRoot":"http:\/\/127\.0\.0\.1:3128\/telegram"/);
  assert.deepEqual(channelSecrets(routed, INSIDE), {});
});

test('gatewayConfig: a model and two peers behind routes -> golden', (t) => {
  const peers = [
    { name: 'worker', route: 'a2a-worker', path: '/a2a/v1' },
    { name: 'team', route: 'a2a-team', path: '/team/a2a/v1' },
  ];
  const text = gatewayConfig({
    publishedPort: 18789,
    model: { provider: 'anthropic', id: 'claude-sonnet-5' },
    channels: { a2a: { peers } },
  });
  t.assert.fileSnapshot(text, golden('gateway-peers.json.golden'), asIs);
});

test('channels: peers -> a token that no caller can come with, and none for the way out', () => {
  const routed = { a2a: { peers: [{ name: 'worker', route: 'a2a-worker', path: '/a2a/v1' }] } };
  assert.deepEqual(channelsSection(routed, INSIDE), {
    channels: {
      a2a: {
        enabled: true,
        configWrites: false,
        exposeAgents: ['none'],
        peers: { worker: { token: NO_CALLER, url: 'http://127.0.0.1:3128/a2a-worker/a2a/v1' } },
      },
    },
  });
  assert.throws(() => new Headers({ authorization: `Bearer ${NO_CALLER}` }));
  // As OpenClaw reads a caller's token (2026.9.6).
  assert.equal(/^Bearer\s+([^\s]+)$/i.exec(`Bearer ${NO_CALLER}`), null);
  assert.deepEqual([channelSecrets(routed, INSIDE), channelPlugins(routed)], [{}, ['a2a']]);
});

test('channels: none -> no trace of one', () => {
  for (const none of [undefined, {}]) {
    assert.deepEqual([channelsSection(none, INSIDE), channelSecrets(none, INSIDE), channelPlugins(none)], [{}, {}, []]);
  }
  assert.ok(!gatewayConfig({ publishedPort: 1 }).includes('telegram'));
});

test('channels: Telegram -> only the listed accounts, no groups, no writes, a reference in the place of the token', () => {
  const shape = z.object({
    channels: z.object({ telegram: z.record(z.string(), z.unknown()) }),
    plugins: z.object({ allow: z.array(z.string()) }),
    secrets: z.object({ providers: z.record(z.string(), z.unknown()) }),
  });
  const config = shape.parse(JSON.parse(gatewayConfig({ publishedPort: 1, channels: TELEGRAM })));
  const { botToken, ...rest } = config.channels.telegram;
  assert.deepEqual(rest, {
    enabled: true,
    dmPolicy: 'allowlist',
    allowFrom: ['123456', '7'],
    groupPolicy: 'disabled',
    configWrites: false,
    execApprovals: { enabled: false },
  });
  const { provider } = z.object({ source: z.literal('file'), provider: z.string(), id: z.literal('value') }).parse(botToken);
  assert.deepEqual(config.secrets.providers[provider], { source: 'file', path: '/secrets/family-bot', mode: 'singleValue' });
  assert.deepEqual(config.plugins.allow, ['device-pair', 'memory-core', 'telegram']);
});
