import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { leaksBelow, leaksIn } from '../support/leaks.ts';
import type { Stage } from '../support/stage.ts';

const QUIET = [
  ['plan', '--json'],
  ['status', '--json'],
  ['verify', '--json', '--all'],
  ['render', '--json'],
  ['secrets', 'list', '--json'],
  ['token', 'main', '--json'],
  ['egress', 'log', '--json', '--lines', '100000'],
  ['logs', 'main', '--lines', '100000'],
  ['logs', 'nas', '--json'],
] as const;

/** The model's key, the bot's token and the gateway's token are in their files and nowhere else. */
export function secretsChapter(stage: Stage): void {
  const planted = () => [
    { name: 'anthropic_api_key', value: stage.modelKey },
    { name: 'telegram_bot_token', value: stage.telegramToken },
    { name: 'gateway token', value: readFileSync(join(stage.root, 'secrets/gateway-main-token'), 'utf8') },
  ];

  test('secrets: environment and argv of every process of the deployment -> none', () => {
    const all = stage.own();
    // Else nothing was looked at: the supervisor, and of each service its first process, its launcher and itself.
    assert.ok(all.some((one) => one.command.includes('lobsterpot supervisor')));
    assert.ok(
      all.filter((one) => one.environment?.includes('OPENCLAW_STATE_DIR=') === true).length >= 2,
      JSON.stringify(all.map((one) => one.command)),
    );
    assert.deepEqual(
      all.filter((one) => one.environment === undefined).map((one) => one.command),
      [],
    );
    for (const one of all)
      assert.deepEqual(leaksIn(one.command + (one.environment ?? ''), planted()), [], `process ${one.command.slice(0, 80)}`);
  });

  test('secrets: every file of the deployment, of its logs and of the home -> only where they belong', async () => {
    const out = join(stage.home, 'rendered');
    const { code, stderr } = await stage.cli(['render', '--out', out]);
    assert.equal(code, 0, stderr);
    const inside = (path: string): string => path.slice(`${stage.root.slice(stage.home.length + 1)}/`.length);
    const { files, found } = leaksBelow(stage.home, planted(), (path) => /^(secrets|services\/[^/]+\/secrets)\//.test(inside(path)));
    assert.deepEqual(found, []);
    assert.ok(files > 50, `only ${files} files were looked at`);
    // The positive control: the same search without the exceptions finds them.
    const all = leaksBelow(stage.root, planted(), () => false);
    assert.deepEqual(all.found.map((one) => one.path).toSorted(), [
      'secrets/anthropic_api_key',
      'secrets/gateway-main-token',
      'secrets/telegram_bot_token',
      'services/gate/secrets/anthropic_api_key',
      'services/gate/secrets/telegram_bot_token',
      'services/gateway-main/secrets/gateway_token',
    ]);
  });

  test('secrets: what every command has printed, as text and as JSON -> none', async () => {
    for (const args of QUIET) {
      const { code, stderr } = await stage.cli(args);
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    }
    assert.ok(stage.said.length > 20);
    for (const { args, text } of stage.said) assert.deepEqual(leaksIn(text, planted()), [], `lobsterpot ${args.join(' ')}`);
    const token = await stage.cli(['token', 'main']);
    // The one command whose work is to show it.
    assert.deepEqual(leaksIn(token.stdout, planted()), ['gateway token']);
  });
}
