import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { STAY, testDeployment, testService } from './testing/deployment.ts';

/** What of the table of mounts may be written, as the service itself reads it. */
const WRITABLE = `open my $table, '<', '/proc/self/mountinfo'; my %seen;
while (<$table>) { my @f = split ' '; $seen{$f[4]} = 1; print "$f[4]\\n" if $f[5] !~ /^ro\\b/ && $f[4] !~ m{^/(?:proc|dev)(?:/|$)} }
print "no /usr\\n" unless $seen{'/usr'};`;

suite('mounts', { timeout: 120_000 }, () => {
  const names: ReadonlyArray<readonly [string, string]> = [
    ['a space', 'my home'],
    ['a newline', 'my\nhome'],
    ['a tab', 'my\thome'],
    ['a backslash', 'my\\home'],
    ['what mountinfo makes of a space', 'my\\040home'],
    ['a pattern', 'my*home[a-z]?'],
    ['a quote and a variable', '"$HOME\'`id`'],
    ['a newline at its end', 'home\n'],
  ];
  for (const [name, folder] of names) {
    test(`a folder whose name has ${name} -> only the state and /tmp can be written`, async () => {
      await using here = await testDeployment([testService('stay', { script: STAY })], { folder });
      const result = await here.runtime.once('stay', ['/usr/bin/perl', '-e', WRITABLE], { timeoutMs: 10_000 });
      assert.equal(result.code, 0, result.stderr);
      assert.deepEqual(result.stdout.trim().split('\n').toSorted(), ['/state', '/tmp']);
    });
  }

  const left: ReadonlyArray<readonly [string, string, string]> = [
    ['/usr', 'mount --rbind /usr usr', 'mount --rbind /usr usr'],
    ['/config', 'step=hostname', 'mount -o remount,bind,rw config; step=hostname'],
    ['/', 'mount -o remount,bind,ro,nosuid,nodev,noexec /\n', '\n'],
  ];
  for (const [place, from, to] of left) {
    test(`${place} is still writable at the end -> nothing is started`, async () => {
      await using here = await testDeployment([testService('stay', { script: STAY })]);
      edit(join(here.root, 'inside/stage1.sh'), from, to);
      // As if mount(8) had said yes and done nothing.
      edit(join(here.root, 'inside/freeze.pl'), 'next unless', `next if $one->{at} eq '${place}'; next unless`);
      const result = await here.runtime.once('stay', ['/bin/true'], { timeoutMs: 10_000 });
      assert.equal(result.code, 125);
      assert.match(result.stderr, new RegExp(`lobsterpot: step read-only: ${place} can be written`));
    });
  }

  test('/config is no mount of its own -> nothing is started', async () => {
    await using here = await testDeployment([testService('stay', { script: STAY })]);
    edit(join(here.root, 'inside/stage1.sh'), 'step=hostname', 'umount config; step=hostname');
    const result = await here.runtime.once('stay', ['/bin/true'], { timeoutMs: 10_000 });
    assert.match(result.stderr, /lobsterpot: step read-only: \/config is no mount of its own/);
  });
});

function edit(path: string, from: string, to: string): void {
  const text = readFileSync(path, 'utf8');
  assert.ok(text.includes(from), from);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
}
