import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { verifyTrail } from '../../../src/audit/verify-trail.ts';
import { gateBundle } from '../../../src/gate/bundle.ts';
import { run } from '../../../src/hosts/run.ts';
import { GATE_NODE_FLAGS } from '../../../src/policy/gate-protocol.ts';
import { slowness } from '../../support/slowness.ts';
import { policyOf } from '../start-gate.ts';
import { lab } from './setup.ts';

const GUIDE = new URL('../../../docs/gate.md', import.meta.url);

/** The commands of the chapter, one text a block. */
function blocks(): readonly string[] {
  const [, chapter = ''] = readFileSync(GUIDE, 'utf8').split('\n## Without lobsterpot\n');
  return [...(chapter.split('\n## ')[0] ?? '').matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, text = '']) => text);
}

test('docs/gate.md: its commands, typed as they stand -> two agents, each with its own rules, and nothing beside them', async (t) => {
  const env = { PATH: `${dirname(process.execPath)}:/usr/sbin:/usr/bin:/sbin:/bin`, CURL_CA_BUNDLE: lab.caFile };
  const named = await run(['/bin/sh', '-c', 'ip netns add gate-probe && ip netns delete gate-probe'], { timeoutMs: 5000, env });
  if (named.code !== 0) return t.skip(`networks with names are root's to make: ${named.stderr.trim()}`);
  const folder = mkdtempSync(join(tmpdir(), 'gate-alone-'));
  try {
    const package_ = join(folder, 'node_modules/lobsterpot/dist/gate');
    mkdirSync(package_, { recursive: true });
    writeFileSync(join(package_, 'gate.mjs'), await gateBundle());
    const typed = blocks();
    assert.equal(typed.length, 8);
    const ran = await run(['/bin/sh', '-c', `cd "$1"\n${typed.map((text) => `${text}\necho "== $?"`).join('\n')}`, 'sh', folder], {
      timeoutMs: 45_000,
      env,
    });
    const said = ran.stdout.split(/^== \d+\n/m);
    const log = readFileSync(join(folder, 'gate.log'), 'utf8');
    assert.match(
      said[5] ?? '',
      /^a: proxy 200, answer [2-4]\d\d\nb: proxy 403, answer 000\nb: proxy 000, answer 000\na: proxy 000, answer 000\n$/,
      `${ran.stdout}\n${ran.stderr}\n${log}`,
    );
    const [second, first, evil, body, pending = '', last = ''] = (said[6] ?? '').trim().split('\n');
    assert.match(`${second}\n${first}\n${evil}`, /^b: proxy 200, answer [2-4]\d\d\na: proxy 403, answer 000\na: proxy 000, answer 403$/);
    assert.deepEqual(JSON.parse(body ?? '').reason, 'no-rule');
    assert.match(pending, /"host":"evil\.test","port":80,"client":"agent-a"/);
    assert.match(last, /"client":"agent-a","verdict":"deny","reason":"no-rule".*"host":"evil\.test"/);
    const checked = await verifyTrail(join(folder, 'trail'));
    assert.ok(checked.ok, JSON.stringify(checked));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const STARTS = 7;
const START_MS = 200;
const TICK_MS = 10;

test('start: the bundle listens within 200 ms', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gate-start-'));
  try {
    const listeners = [
      { kind: 'control', path: 'control.sock' },
      { kind: 'egress', client: 'a', path: 'a.sock' },
    ];
    const settings = { version: 1, listeners, policyFile: 'policy.json', overridesFile: 'overrides.json', trail: { folder: 'trail' } };
    writeFileSync(join(folder, 'gate.mjs'), await gateBundle());
    writeFileSync(join(folder, 'gate.json'), JSON.stringify(settings));
    writeFileSync(join(folder, 'policy.json'), JSON.stringify(policyOf(['a.test'])));
    const all: { readonly wallMs: number; readonly cpuMs: number }[] = [];
    for (let round = 0; round < STARTS; round += 1) all.push(await startOnce(folder));
    const median = (of: 'wallMs' | 'cpuMs'): number =>
      all.map((one) => one[of]).toSorted((a, b) => a - b)[Math.floor(STARTS / 2)] ?? Infinity;
    t.diagnostic(`${median('wallMs').toFixed(0)} ms by the clock, ${median('cpuMs')} of a processor`);
    assert.ok(median('cpuMs') < START_MS, JSON.stringify(all));
    assert.ok(median('wallMs') < START_MS * (await slowness()), JSON.stringify(all));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

async function startOnce(folder: string): Promise<{ readonly wallMs: number; readonly cpuMs: number }> {
  const began = performance.now();
  const gate = spawn(process.execPath, [...GATE_NODE_FLAGS, 'gate.mjs', 'gate.json'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(gate, 'exit');
  const limit = setTimeout(() => gate.kill('SIGKILL'), 10_000);
  try {
    let said = '';
    for await (const chunk of gate.stderr) {
      said += String(chunk);
      if (said.includes('gate: ready')) break;
    }
    assert.match(said, /gate: ready/);
    const wallMs = performance.now() - began;
    // Behind the name in brackets: user and system time are the 12th and 13th.
    const fields = readFileSync(`/proc/${gate.pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { wallMs, cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS };
  } finally {
    gate.kill('SIGKILL');
    await exited;
    clearTimeout(limit);
  }
}
