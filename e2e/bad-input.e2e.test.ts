import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { PROGRAM } from './support/command-line.ts';
import { exampleFile } from './support/deployment-file.ts';
import { problemsOf } from './support/problem-text.ts';
import { sandboxHome } from './support/sandbox-home.ts';

// A mistake in the file or in the arguments: told with its place, its cause and what to write, exit 3, and nothing is begun.

const example = exampleFile();

const files: readonly { readonly name: string; readonly text: string; readonly says: readonly RegExp[] }[] = [
  {
    name: 'an unknown key',
    text: example.replace('port: 18789', 'prot: 18789'),
    says: [/gateways\.main\.prot: unknown key, did you mean port/],
  },
  { name: 'a wrong type', text: example.replace('port: 18789', 'port: "many"'), says: [/gateways\.main\.port/] },
  { name: 'a missing host', text: example.replace(/^ {4}host: this-machine\n/m, ''), says: [/gateways\.main: host is missing/] },
  {
    name: 'a host that is not there',
    text: example.replace('host: this-machine', 'host: this-machin'),
    says: [/there is no host this-machin, did you mean this-machine/],
  },
  { name: 'a section twice', text: `${example}\ngateways:\n  main:\n    host: this-machine\n`, says: [/the same key stands twice/] },
  {
    name: 'a name twice',
    text: example.replace('nodes:\n', '  main: { host: this-machine }\nnodes:\n'),
    says: [/the same key stands twice/],
  },
  { name: 'a wildcard over a public suffix', text: example.replace('allow: []', 'allow: ["*.co.uk"]'), says: [/egress\.allow/] },
  {
    name: 'an unsafe program path',
    text: example.replace('path: /usr/bin/uname', 'path: /usr/bin/../bin/uname'),
    says: [/nodes\.nas\.exec\.allow/],
  },
  { name: 'a relative program path', text: example.replace('path: /usr/bin/uname', 'path: uname'), says: [/nodes\.nas\.exec\.allow/] },
  { name: 'a pattern that is none', text: example.replace('args: ^-n$', 'args: "^(-n$"'), says: [/nodes\.nas\.exec\.allow/] },
  { name: 'an authority that is not there', text: example.replace('allow: []', 'ca: nowhere.pem'), says: [/egress\.ca/] },
  { name: 'a secret in the file', text: example.replace('{ secret: anthropic_api_key }', 'sk-ant-planted-0123456789'), says: [/apiKey/] },
  { name: 'no YAML', text: 'name: [home\n', says: [/./] },
  { name: 'an empty file', text: '', says: [/./] },
  {
    name: 'three mistakes',
    text: example.replace('name: home', 'name: Home').replace('port: 18789', 'port: 1').replace('gateway: main', 'gateway: mian'),
    says: [/name/, /port/, /there is no gateway mian, did you mean main/],
  },
];

for (const { name, text: content, says } of files) {
  test(`file: ${name} -> exit 3 with place, cause and fix; nothing is begun`, async () => {
    assert.notEqual(content, example, 'the example changed: this case changes nothing in it any more');
    using here = sandboxHome({ text: content });
    for (const args of [
      ['plan', '--json'],
      ['up', '--yes', '--json'],
    ]) {
      const ended = await here.cli(args);
      const problems = problemsOf(ended, 3);
      assert.equal(problems.length, says.length, ended.stderr);
      for (const [index, words] of says.entries()) assert.match(problems[index]?.what ?? '', words);
      for (const one of problems) assert.match(`${one.what}${one.fix}`, /lobsterpot\.yaml/);
      assert.doesNotMatch(ended.stdout + ended.stderr, /sk-ant-planted/);
    }
    assert.deepEqual([readdirSync(here.state), readdirSync(here.data)], [[], []]);
  });
}

const calls: readonly { readonly name: string; readonly args: readonly string[]; readonly says: RegExp }[] = [
  { name: 'no file at all', args: ['plan', '--json', '--file', 'nowhere.yaml'], says: /nowhere\.yaml/ },
  { name: "a secret's name that leaves the folder", args: ['secrets', 'set', '../../x', '--json'], says: /is not a secret's name/ },
  { name: 'a gateway that is not there', args: ['token', 'mian', '--json'], says: /there is no gateway "mian"/ },
  { name: 'a service that is not there', args: ['logs', 'gatee', '--json'], says: /there is no service "gatee"/ },
  { name: 'a count that is none', args: ['logs', 'gate', '--lines', 'many', '--json'], says: /--lines takes a whole number/ },
];
for (const { name, args, says } of calls) {
  test(`arguments: ${name} -> exit 3 with cause and fix; nothing is begun`, async () => {
    using here = sandboxHome();
    const [problem] = problemsOf(await here.cli(args, { stdin: 'value\n' }), 3);
    assert.match(problem?.what ?? '', says);
    assert.deepEqual(readdirSync(here.state), []);
  });
}

test('arguments: an unknown command, an unknown option -> exit 3, the nearest one, and where the list is', async () => {
  using here = sandboxHome();
  for (const [args, near] of [
    [['statsu'], /did you mean status/i],
    [['plan', '--jsn'], /--json/],
    [['up', '--flie', 'x'], /--file/],
  ] as const) {
    const { code, stdout, stderr } = await here.cli(args);
    assert.deepEqual([code, stdout], [3, ''], stderr);
    assert.match(stderr, near);
    assert.match(stderr, /lobsterpot --help/);
  }
});

test('secrets set: nothing, two lines or 64 KiB and more on stdin -> exit 3, and the value before stays', async () => {
  using here = sandboxHome();
  assert.equal((await here.cli(['secrets', 'set', 'anthropic_api_key'], { stdin: 'first-value' })).code, 0);
  for (const stdin of ['', '\n', 'two\nlines\n', 'x'.repeat(70_000)]) {
    const [problem] = problemsOf(await here.cli(['secrets', 'set', 'anthropic_api_key', '--json'], { stdin }), 3);
    assert.equal(problem?.code, 'secrets/value');
  }
  assert.equal(readFileSync(`${here.root}/secrets/anthropic_api_key`, 'utf8'), 'first-value');
});

test('up: no terminal and no --yes -> the plan, exit 130, nothing is begun', async () => {
  using here = sandboxHome();
  const { code, stderr } = await here.cli(['up']);
  assert.equal(code, 130, stderr);
  assert.match(stderr, /\+ gateway-main +start.*nothing was changed\b.*fix: +run the command again and answer yes/s);
  assert.deepEqual(readdirSync(here.state), []);
});

test('output: the reader is gone (| head) -> no crash, the exit code as ever', async () => {
  using here = sandboxHome();
  const child = spawn(process.execPath, [PROGRAM, 'plan', '--json'], { cwd: here.home, env: here.env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  assert.deepEqual([code, stderr.includes('EPIPE')], [2, false], stderr);
});
