import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { until } from '../../core/wait.ts';
import { runContained, startChild } from '../../hosts/spawn.ts';
import { runInside } from './beside.ts';
import { chain } from './chain.ts';
import { openGroups } from './control-groups.ts';
import { findSandbox, readProcesses } from './find-processes.ts';
import { readSpec } from './read-spec.ts';
import { onceSandbox, serviceSandbox } from './sandbox.ts';
import { CONTROLS, escapeScript, readOutcomes, type Outcomes } from './testing/escapes.ts';
import { STAY, testDeployment, testService, type TestDeployment } from './testing/deployment.ts';

/** Of process 1, which has the service's own number here; both can be read and give nothing that the service does not have. */
const OWN_REAPER = ['read-/proc/1/environ', 'read-/proc/1/root/'];

/** Prints how many instances of a syscall filter each process has that can be seen, process 1 first. */
const SEALED = `for my $pid (sort { $a <=> $b } map { m{(\\d+)} } grep { m{^/proc/\\d+$} } glob '/proc/*') { next if $pid == $$;
open my $status, '<', "/proc/$pid/status" or next; my $text = join '', <$status>; print join(' ', $text =~ /^(?:NoNewPrivs|Seccomp):\\s*(\\d+)$/mg), "\\n" }`;

suite('mode plain', { timeout: 120_000, skip: process.getuid?.() === 0 ? false : 'only root has this mode' }, () => {
  test('process 1 -> under the filter like everything below it', async () => {
    await using here = await testDeployment([testService('stay', { script: STAY })]);
    const result = await once(here, ['/usr/bin/perl', '-'], SEALED);
    assert.deepEqual(new Set(result.stdout.trim().split('\n')), new Set(['1 2']), result.stdout + result.stderr);
  });

  test('every attempt to get out -> refused', async () => {
    await using here = await testDeployment([testService('stay', { script: STAY })]);
    const result = await once(here, ['/usr/bin/perl', '-'], attempts(here));
    assert.deepEqual(judged(readOutcomes(result.stdout)), { worked: OWN_REAPER, controls: [] });
  });

  test('inside -> the same, and nothing in there is ever without the filter', async () => {
    await using here = await testDeployment([
      // Watches for a process of its own number that the filter does not hold yet.
      testService('stay', { script: STAY, command: ['/usr/bin/perl', '-e', WATCH] }),
    ]);
    const { spec } = readSpec(here.root, 'stay');
    const child = startChild(chain(serviceSandbox(spec, { root: here.root, mode: 'plain', groups: [] })), []);
    let seen = '';
    child.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString('utf8')));
    try {
      const { pid } = child;
      assert.ok(pid !== undefined);
      assert.ok(await until(() => Promise.resolve(seen.includes('watching') ? true : undefined), { timeoutMs: 10_000, everyMs: 20 }));
      assert.ok(findSandbox(readProcesses(), pid));
      const around = { root: here.root, mode: 'plain' as const, groups: openGroups('none', here.root) };
      const result = await runInside(spec, around, pid, ['/usr/bin/perl', '-'], { stdin: attempts(here), timeoutMs: 60_000 });
      assert.deepEqual(judged(readOutcomes(result.stdout)), { worked: OWN_REAPER, controls: [] });
      assert.doesNotMatch(seen, /open/);
    } finally {
      child.kill();
      await child.exited;
    }
  });
});

const WATCH = `$| = 1; print "ready watching\\n"; while (1) { for my $pid (map { m{(\\d+)} } grep { m{^/proc/\\d+$} } glob '/proc/*') { next if $pid == $$;
open my $status, '<', "/proc/$pid/status" or next; my $text = join '', <$status>; next if $text =~ /^Seccomp:\\s*2$/m; open(my $m, '+<', "/proc/$pid/mem") and print "open $pid\\n" } }`;

function once(here: TestDeployment, command: readonly string[], stdin: string) {
  const { spec } = readSpec(here.root, 'stay');
  return runContained(chain(onceSandbox(spec, { root: here.root, mode: 'plain', groups: [] }, command)), {
    stdin,
    stdinAt: 3,
    timeoutMs: 60_000,
  });
}

function attempts(here: TestDeployment): string {
  return escapeScript({ port: 9, abstract: 'lobsterpot-nobody', socket: '/nowhere', pid: process.pid, paths: [here.root] });
}

function judged(outcomes: Outcomes): { readonly worked: readonly string[]; readonly controls: readonly string[] } {
  const worked = Object.keys(outcomes).filter((name) => outcomes[name] === 'yes' && !name.startsWith('control-'));
  return { worked, controls: CONTROLS.filter((name) => outcomes[name] !== 'yes') };
}
