import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { until } from '../../src/core/wait.ts';
import { TYPED } from '../support/command-line.ts';
import { reach } from '../support/reach.ts';
import { parseJson, statusOf, type Stage } from '../support/stage.ts';

const DENIED = 'HTTP/1.1 403 Forbidden';
const PASSED = 'TLS friendly.test';

const line = z.object({ name: z.string(), attempts: z.number(), denied: z.number(), up: z.number(), others: z.array(z.string()) });
const top = z.object({ hosts: z.array(line), clients: z.array(line) });
const replayed = z.object({
  attempts: z.number(),
  changed: z.array(z.object({ host: z.string(), client: z.string(), count: z.number(), was: z.string(), becomes: z.string() })),
});
const followed = z.object({ decision: z.object({ client: z.string(), host: z.string(), verdict: z.string() }) });

/** Living with what was denied: seen as it happens, summed up, tried with another file, and written into the file. Follows the egress chapter. */
export function egressLifeChapter(stage: Stage): void {
  const egress = (...args: readonly string[]) => stage.cli(['egress', ...args]);

  test('egress pending, top: one line a host, what it looks like, who asked how often', async () => {
    const pending = await egress('pending');
    assert.match(
      pending.stdout,
      /^ {2}api\.anthropic\.com\.evil\.test +node-nas +1 .* contains api\.anthropic\.com and belongs to evil\.test/m,
    );
    const { code, stdout, stderr } = await egress('top', '--json');
    assert.equal(code, 0, stderr);
    const { hosts, clients } = top.parse(parseJson(stdout));
    const friendly = hosts.find((one) => one.name === 'friendly.test');
    assert.deepEqual([friendly?.attempts, friendly?.denied, friendly?.others], [4, 3, ['gateway-main', 'node-nas']]);
    assert.ok((friendly?.up ?? 0) > 0);
    assert.deepEqual(clients.map((one) => one.name).toSorted(), ['gateway-main', 'node-nas']);
    const denied = await egress('top', '--denied', '--client', 'nas', '--since', '1h');
    assert.match(denied.stdout, /^ {2}host +attempts +denied[^]*^ {2}friendly\.test +3 +2 /m);
  });

  test('egress metrics: what was denied and carried, as Prometheus reads it', async () => {
    const { code, stdout, stderr } = await egress('metrics');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^lobsterpot_gate_decisions_total\{host="[a-z-]+",client="node-nas",verdict="deny",reason="no-rule"\} [1-9]/m);
    assert.match(stdout, /^lobsterpot_gate_bytes_total\{host="[a-z-]+",client="node-nas",direction="up"\} [1-9]/m);
    assert.match(stdout, /^lobsterpot_gate_policy_valid\{host="[a-z-]+"\} 1$/m);
  });

  test('egress replay: the file with a rule more -> what would pass, exit 2; nothing is changed', async () => {
    const candidate = join(stage.home, 'candidate.yaml');
    writeFileSync(candidate, readFileSync(stage.file, 'utf8').replace('allow: []', 'allow: [ { host: friendly.test, client: nas } ]'));
    const { code, stdout, stderr } = await egress('replay', candidate, '--json');
    assert.equal(code, 2, stderr);
    const { changed } = replayed.parse(parseJson(stdout));
    assert.deepEqual(
      changed.filter((one) => one.host === 'friendly.test'),
      // Allowed once for some seconds, by the operator: with the rule for the node it would have passed each time.
      [{ host: 'friendly.test', client: 'node-nas', count: 2, was: 'denied', becomes: 'allowed' }],
    );
    assert.match((await egress('replay', candidate)).stdout, /friendly\.test +node-nas +2 +denied -> allowed /);
    assert.equal(await reach(stage, 'node-nas', 'friendly.test'), DENIED);
    assert.equal((await egress('replay', join(stage.home, 'none.yaml'))).code, 3);
  });

  test('egress allow --save: in force at once, in the file with everything else as it was, the trail says so', async () => {
    const before = readFileSync(stage.file, 'utf8');
    const { code, stdout, stderr } = await egress('allow', 'friendly.test', '--client', 'nas', '--save');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^ +\d+ - +allow: \[\]\n +\d+ \+ +allow: \[ \{ host: friendly\.test, client: nas \} \]$/m);
    assert.equal(await reach(stage, 'node-nas', 'friendly.test'), PASSED);
    assert.equal(readFileSync(stage.file, 'utf8'), before.replace('allow: []', 'allow: [ { host: friendly.test, client: nas } ]'));
    assert.match(operatorRecords(stage), /allow friendly\.test --client node-nas, written into the file/);
    const again = await egress('allow', 'friendly.test', '--client', 'nas', '--save');
    assert.match(again.stdout, /says so already/);
    assert.match((await stage.cli(['plan'])).stdout, /> egress to friendly\.test:443 for node-nas|> egress to friendly\.test:443/);
    writeFileSync(stage.file, before);
    assert.equal((await egress('forget', 'friendly.test', '--client', 'nas')).code, 0);
    assert.equal(await reach(stage, 'node-nas', 'friendly.test'), DENIED);
    assert.equal((await stage.cli(['plan'])).code, 0);
  });

  test('egress log --follow: as it happens, over a restart of the gate, until Ctrl-C', { timeout: 60_000 }, async () => {
    const [program = '', ...args] = TYPED;
    const child = spawn(program, [...args, 'egress', 'log', '--follow', '--json', '--client', 'nas', '--lines', '1'], {
      cwd: stage.home,
      env: { ...stage.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, talk] = ['', ''];
    child.stdout.on('data', (text: Buffer) => (out += text.toString()));
    child.stderr.on('data', (text: Buffer) => (talk += text.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const hosts = (): readonly string[] =>
      out
        .split('\n')
        .flatMap((text) => followed.safeParse(parseJson(text)).data ?? [])
        .map((one) => one.decision.host);
    const shown = async (host: string): Promise<void> => {
      const seen = await until(async () => hosts().includes(host) || undefined, { timeoutMs: 15_000, everyMs: 50 });
      assert.ok(seen, `${host} was never shown: ${out}${talk}`);
    };
    try {
      assert.ok(await until(async () => hosts().length > 0 || undefined, { timeoutMs: 15_000, everyMs: 50 }), talk);
      await reach(stage, 'node-nas', 'first.test');
      await shown('first.test');
      const gate = (await statusOf(stage)).services.find((one) => one.name === 'gate');
      assert.ok(gate?.pid !== undefined);
      process.kill(gate.pid, 'SIGKILL');
      const back = await until(
        async () => {
          const { code, services } = await statusOf(stage);
          return code === 0 && services.some((one) => one.name === 'gate' && one.pid !== gate.pid) ? true : undefined;
        },
        { timeoutMs: 30_000, everyMs: 300 },
      );
      assert.ok(back, JSON.stringify(await statusOf(stage)));
      await reach(stage, 'node-nas', 'second.test');
      await shown('second.test');
    } finally {
      child.kill('SIGINT');
    }
    assert.deepEqual([await ended, talk], [0, '']);
    assert.deepEqual(hosts().slice(-2), ['first.test', 'second.test']);
    const whole = await egress('log', '--verify');
    assert.deepEqual([whole.code, whole.stdout.startsWith('whole: ')], [0, true], whole.stdout + whole.stderr);
  });
}

function operatorRecords(stage: Stage): string {
  const folder = join(stage.root, 'services/gate/state/trail');
  return readFileSync(join(folder, 'trail-00000001.jsonl'), 'utf8')
    .split('\n')
    .filter((text) => text.includes('"kind":"operator"'))
    .join('\n');
}
