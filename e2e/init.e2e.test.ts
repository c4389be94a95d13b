import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { onTerminal } from './support/on-terminal.ts';
import { problemsOf } from './support/problem-text.ts';
import { sandboxHome, type SandboxHome } from './support/sandbox-home.ts';

// The first command of a new user: a file by questions or by options, which plan takes, and never over another one.

const ENTER = '\r';
const NEXT = '] > ';

function emptyHome(): SandboxHome {
  const here = sandboxHome();
  rmSync(here.file);
  return here;
}

const typing = (...answers: readonly string[]) => answers.map((types) => ({ sees: NEXT, types: `${types}${ENTER}` }));

test('init: a terminal, Enter alone -> the file of --yes, and plan takes it; nothing else is begun', async () => {
  using here = emptyHome();
  const { code, screen } = await onTerminal('init', typing(...Array.from({ length: 7 }, () => '')), { cwd: here.home, env: here.env });
  assert.equal(code, 0, screen);
  assert.match(screen, /wrote lobsterpot\.yaml: home.*next\r\n +npx lobsterpot secrets set anthropic_api_key.*npx lobsterpot up/s);
  const plan = await here.cli(['plan', '--json']);
  assert.equal(plan.code, 2, plan.stderr);
  assert.equal(plan.stderr, '');
  assert.match(plan.stdout, /"deployment": "home"/);
  assert.equal((await here.cli(['init', '--yes', '--file', 'other.yaml'])).code, 0);
  assert.equal(readFileSync(`${here.home}/other.yaml`, 'utf8'), readFileSync(here.file, 'utf8'));
  assert.deepEqual([readdirSync(here.state), readdirSync(here.data)], [[], []]);
});

test('init: a terminal, other answers, some of them bad -> asked again with the reason, and a file that says them', async () => {
  using here = emptyHome();
  const answers = typing('1', 'nobody', 'openai', 'two words', 'gpt-5.4', '@me', '7, 8', 'file', 'bal', 'yes');
  const { code, screen } = await onTerminal('init', answers, { cwd: here.home, env: here.env });
  assert.equal(code, 0, screen);
  for (const reason of [/one of anthropic, openai/, /without spaces/, /not a @name/]) assert.match(screen, reason);
  assert.match(screen, /advised for a first day/);
  const text = readFileSync(here.file, 'utf8');
  for (const line of [
    '      id: gpt-5.4',
    '    credentials: file',
    '        allowFrom: [ "7", "8" ]',
    '  level: balanced',
    '  mode: report',
  ]) {
    assert.ok(text.split('\n').includes(line), line);
  }
  const plan = await here.cli(['plan', '--json']);
  assert.equal(plan.code, 2, plan.stderr);
  assert.match(plan.stderr, /egress\.mode: what no rule names is written down and let through/);
});

test('init: a terminal, Ctrl-C or the end of input at a question -> exit 130, nothing is left', async () => {
  for (const key of ['\u0003', '\u0004']) {
    using here = emptyHome();
    const before = readdirSync(here.home);
    const keys = [...typing('1'), { sees: NEXT, types: key }];
    const { code, screen } = await onTerminal('init', keys, { cwd: here.home, env: here.env });
    assert.equal(code, 130, screen);
    assert.match(screen, /no file was written/);
    assert.deepEqual(
      readdirSync(here.home).filter((name) => !before.includes(name) && name !== '.cache'),
      [],
    );
  }
});

test('init: no terminal -> options decide, and --json tells what was chosen and what comes next', async () => {
  using here = emptyHome();
  const args = ['--hosts', 'local,bob@pi', '--link', 'me@192.0.2.5', '--telegram', '7', '--name', 'two', '--report', '--json'];
  const { code, stdout, stderr } = await here.cli(['init', ...args]);
  assert.deepEqual([code, stderr], [0, '']);
  const told: unknown = JSON.parse(stdout);
  assert.deepEqual(told, {
    credentials: 'route',
    deployment: 'two',
    file: 'lobsterpot.yaml',
    gateways: [{ host: 'this-machine', name: 'main' }],
    hosts: [
      { connect: 'local', name: 'this-machine' },
      { connect: 'ssh', name: 'pi' },
    ],
    level: 'locked',
    mode: 'report',
    model: { id: 'claude-sonnet-5', provider: 'anthropic' },
    next: [
      'npx lobsterpot secrets set anthropic_api_key',
      'npx lobsterpot secrets set telegram_bot_token',
      'npx lobsterpot doctor',
      'npx lobsterpot up',
    ],
    nodes: [{ host: 'pi', name: 'pi' }],
    secrets: ['anthropic_api_key', 'telegram_bot_token'],
    telegram: ['7'],
    topology: 'one-cluster',
  });
});

test('init: something is there already (a file, a link, a link to nothing, a folder) -> exit 3, and it stays as it was', async () => {
  using here = sandboxHome({ text: 'mine\n' });
  writeFileSync(`${here.home}/target.yaml`, 'target\n');
  symlinkSync('target.yaml', `${here.home}/link.yaml`);
  symlinkSync('nothing.yaml', `${here.home}/dangling.yaml`);
  mkdirSync(`${here.home}/folder.yaml`);
  const before = readdirSync(here.home);
  for (const file of ['lobsterpot.yaml', 'link.yaml', 'dangling.yaml', 'folder.yaml']) {
    const [problem] = problemsOf(await here.cli(['init', '--yes', '--json', '--file', file]), 3);
    assert.equal(problem?.code, 'init/taken');
    assert.match(problem?.fix ?? '', new RegExp(`mv ${file} ${file}\\.old`));
  }
  assert.deepEqual(
    readdirSync(here.home).filter((name) => name !== '.cache'),
    before,
  );
  assert.equal(readFileSync(here.file, 'utf8') + readFileSync(`${here.home}/target.yaml`, 'utf8'), 'mine\ntarget\n');
  assert.equal(readlinkSync(`${here.home}/dangling.yaml`), 'nothing.yaml');
});

test('init: an option that cannot be taken, a folder that is not there -> refused with cause and fix, no file', async () => {
  using here = emptyHome();
  const before = readdirSync(here.home);
  const [bad] = problemsOf(await here.cli(['init', '--telegram', 'sk-ant-planted-0123456789', '--json']), 3);
  assert.match(bad?.fix ?? '', /--telegram 123456/);
  assert.doesNotMatch(JSON.stringify(bad), /planted/);
  const [nowhere] = problemsOf(await here.cli(['init', '--file', 'nowhere/lobsterpot.yaml', '--json']), 1);
  assert.equal(nowhere?.code, 'hosts/write');
  assert.deepEqual(
    readdirSync(here.home).filter((name) => name !== '.cache'),
    before,
  );
});
