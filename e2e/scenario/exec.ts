import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AGENT_RUN, parseJson, type Stage } from '../support/stage.ts';

/** What the exec policy of the file lets run, what it refuses, and that neither wakes the agent. */
export function execChapter(stage: Stage): void {
  const exec = (command: readonly string[], flags: readonly string[] = []) => stage.cli(['exec', ...flags, 'nas', '--', ...command]);
  let requestsBefore = 0;

  test('exec: an allowed command -> its output and its exit code', async () => {
    requestsBefore = await modelRequests(stage);
    const ran = await exec(['/usr/bin/uname', '-n']);
    assert.deepEqual([ran.code, ran.stdout], [0, 'nas\n'], ran.stderr);
    const { code, stdout } = await exec(['/usr/bin/uname', '-n'], ['--json']);
    assert.deepEqual(
      [code, parseJson(stdout)],
      [0, { node: 'nas', command: ['/usr/bin/uname', '-n'], kind: 'ran', exitCode: 0, stdout: 'nas\n', stderr: '', timedOut: false }],
    );
  });

  const refused = [
    {
      name: 'another program',
      command: ['/usr/bin/id'],
      says: /no rule of this node names \/usr\/bin\/id/,
      rule: '- { path: "/usr/bin/id", args: "^$" }',
    },
    {
      name: 'other arguments',
      command: ['/usr/bin/uname', '-a'],
      says: /may run only with arguments that match \^-n\$/,
      rule: '- { path: "/usr/bin/uname", args: "^-a$" }',
    },
    { name: 'a shell', command: ['/bin/sh', '-c', '/usr/bin/uname -n'], says: /is a shell/ },
    {
      name: 'a wrapper around another program',
      command: ['/usr/bin/env', '/usr/bin/id'],
      says: /starts other programs.*call \/usr\/bin\/id itself/,
    },
    // Without a variable OpenClaw looks through env, and runs what a rule names.
    {
      name: 'a wrapper that sets a variable',
      command: ['/usr/bin/env', 'LD_PRELOAD=/state/x.so', '/usr/bin/uname', '-n'],
      says: /starts other programs/,
    },
    {
      name: 'a link to the allowed program',
      command: ['/bin/uname', '-n'],
      says: /\/bin\/uname is a link to \/usr\/bin\/uname.*fix: {3}lobsterpot exec nas -- \/usr\/bin\/uname -n$/ms,
    },
    {
      name: 'a link to another program',
      command: ['/bin/id'],
      says: /\/bin\/id is a link to \/usr\/bin\/id/,
      rule: '- { path: "/usr/bin/id", args: "^$" }',
    },
    {
      name: 'a bare name',
      command: ['uname', '-n'],
      says: /does not say which file is meant.*fix: {3}lobsterpot exec nas -- \/usr\/bin\/uname -n$/ms,
    },
    { name: 'a second command', command: ['/usr/bin/uname', '-n;', '/usr/bin/id'], says: /may run only with arguments/ },
  ] as const;
  for (const one of refused) {
    test(`exec: ${one.name} -> refused, with what to do`, async () => {
      const { code, stdout, stderr } = await exec(one.command);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /^lobsterpot: error: node nas refused .* \(exec\/refused\)\n {2}cause: .*\n {2}fix: /s);
      assert.match(stderr, one.says);
      // Neither of them is told to wait for an up that would change nothing.
      assert.doesNotMatch(stderr, /does not have the policy/);
      if ('rule' in one) assert.ok(stderr.includes(one.rule), stderr);
    });
  }

  test('exec: an unknown node, a bad time limit -> exit 3', async () => {
    const unknown = await stage.cli(['exec', 'nsa', '--', '/usr/bin/uname']);
    assert.deepEqual([unknown.code, /no node "nsa"/.test(unknown.stderr)], [3, true], unknown.stderr);
    const limit = await stage.cli(['exec', 'nas', '--timeout', '0', '--', '/usr/bin/uname']);
    assert.equal(limit.code, 3, limit.stderr);
  });

  test('exec: allowed and refused commands -> no agent run, and the model is not asked', async () => {
    // A direct node.invoke can wake the agent a moment later.
    await sleep(3000);
    const log = await stage.cli(['logs', 'main', '--lines', '5000']);
    assert.match(log.stdout, /gateway/i);
    assert.doesNotMatch(log.stdout, AGENT_RUN);
    assert.equal(await modelRequests(stage), requestsBefore);
  });
}

async function modelRequests(stage: Stage): Promise<number> {
  return (await stage.lab.ledger()).entries.filter((entry) => entry.kind === 'request').length;
}
