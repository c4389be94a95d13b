import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answers, EXAMPLE_ANSWERS } from './answers.ts';
import { draft } from './judge.ts';
import { EXAMPLES } from './testing/examples.ts';
import { describeWritten, jsonOf, nextSteps, type Written } from './told.ts';

function written(file: string, given: Partial<Answers> = {}): Written {
  const answers = { ...EXAMPLE_ANSWERS, ...given };
  return { file, answers, deployment: draft(EXAMPLES, answers, { docker: false, port: 18_789 }).deployment };
}

test('describeWritten: two machines, a bot, report mode -> what was chosen, the image, every secret by its name, doctor, up', () => {
  assert.equal(
    describeWritten(written('lobsterpot.yaml', { topology: 'one-cluster', telegram: '7', report: 'yes', credentials: 'file' })),
    `wrote lobsterpot.yaml: home
  this-machine   gateway main
  nas            node nas
  model          anthropic claude-sonnet-5; OpenClaw has its key
  telegram       hears 7
  may leave      locked, and for now everything else too (report mode)

  first: the image with an ssh client, on both machines (docs/one-cluster.md)

  next
    npx lobsterpot secrets set anthropic_api_key    the key of the model, typed at a prompt
    npx lobsterpot secrets set telegram_bot_token   the token that @BotFather gave, typed at a prompt
    npx lobsterpot doctor                           can both machines do it
    npx lobsterpot up                               shows the plan, asks, does it, proves it

  as long as everything may leave, the proof names it and up ends with exit 1 (docs/egress.md)
`,
  );
});

test('nextSteps: another file, with a space in its name -> named in each command', () => {
  const commands = nextSteps(written('my pot.yaml')).map(([command]) => command);
  assert.ok(commands.length === 3 && commands.every((one) => one.endsWith(' --file "my pot.yaml"')), commands.join('\n'));
});

test('jsonOf: two instances -> both gateways, their secrets, no node', () => {
  const { gateways, nodes, secrets, mode } = jsonOf(written('x.yaml', { topology: 'two-gateways', telegram: '7' }));
  assert.deepEqual(gateways, [
    { name: 'work', host: 'this-machine' },
    { name: 'family', host: 'nas' },
  ]);
  assert.deepEqual([nodes, mode], [[], 'enforce']);
  assert.deepEqual(secrets, ['work_anthropic_key', 'work_telegram_token', 'family_anthropic_key', 'family_telegram_token']);
});
