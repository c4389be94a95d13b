import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { decide } from './decide.ts';
import type { EgressPolicy } from './policy.ts';
import { presetNames, presetRules } from './presets.ts';
import { parseRule } from './rule.ts';

suite('presets', () => {
  for (const name of presetNames) {
    test(`${name}: every host is what the parser makes of it, on port 443`, () => {
      const rules = presetRules(name) ?? [];
      assert.ok(rules.length > 0);
      for (const { host, port } of rules) assert.deepEqual(parseRule(host), { host, port });
    });
  }

  test('no such preset -> undefined, also for what every object has', () => {
    for (const name of ['', 'Telegram', 'toString', '__proto__']) assert.equal(presetRules(name), undefined);
  });

  const table: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['telegram', ['api.telegram.org'], ['telegram.org', 'web.telegram.org', 'api.telegram.org.evil.test', 't.me']],
    [
      'discord',
      ['discord.com', 'gateway.discord.gg', 'gateway-us-east1-b.discord.gg', 'cdn.discordapp.com', 'media.discordapp.net'],
      ['discord.gg', 'cdn.discord.com', 'discordapp.com', 'discord.com.evil.test'],
    ],
    ['whatsapp', ['web.whatsapp.com', 'mmg.whatsapp.net', 'media-ams2-1.cdn.whatsapp.net'], ['whatsapp.com', 'whatsapp.net', 'wa.me']],
    [
      'slack',
      ['slack.com', 'wss-primary.slack.com', 'wss-backup.slack.com', 'files.slack.com'],
      ['evil.slack.com', 'hooks.slack.com', 'slack.com.evil.test'],
    ],
  ];
  for (const [name, open, closed] of table) {
    test(`${name}: what the channel needs is open and its neighbours are not`, () => {
      const allow = (presetRules(name) ?? []).map((rule) => ({ ...rule, source: `preset ${name}` }));
      const policy: EgressPolicy = { version: 1, deployment: 'home', mode: 'enforce', allow, deny: [] };
      const allowed = (host: string, port: number) => decide(policy, { host, port, kind: 'name' }, 'gateway-main', 0).allowed;
      assert.deepEqual(
        open.filter((host) => !allowed(host, 443)),
        [],
      );
      assert.deepEqual(
        closed.filter((host) => allowed(host, 443)),
        [],
      );
      assert.equal(allowed(open[0] ?? '', 80), false);
    });
  }
});
