import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { sha256 } from '../../core/digest.ts';
import { openGroups } from './control-groups.ts';
import { STAY, testDeployment, testService } from './testing/deployment.ts';

const READ = `import fs from 'node:fs';
const say = (name, act) => { try { return [name, act()]; } catch (error) { return [name, error.code]; } };
console.log(JSON.stringify(Object.fromEntries([
  say('own secret', () => fs.readFileSync('/secrets/mine', 'utf8')),
  say('secret mode', () => (fs.statSync('/secrets/mine').mode & 0o777).toString(8) + ' ' + (fs.statSync('/secrets/mine').uid === process.getuid())),
  say('secrets', () => fs.readdirSync('/secrets').join()),
  say('config', () => fs.readdirSync('/config').join()),
  say('write config', () => fs.writeFileSync('/config/main.mjs', '')),
  say('chmod secret', () => fs.chmodSync('/secrets/mine', 0o644)),
  say('state', () => fs.readdirSync('/state').join()),
  say('sockets', () => fs.existsSync('/sock') ? fs.readdirSync('/sock').join() : ''),
  say('umask', () => process.umask().toString(8)),
])));`;

const asRoot = process.getuid?.() === 0;

suite('identity and limits', { timeout: 120_000 }, () => {
  test('a service sees its own secrets, config and state, and nobody else’s', async () => {
    await using here = await testDeployment(
      [
        testService('reader', { script: STAY, secrets: [{ name: 'mine', file: 'mine' }] }),
        testService('other', { script: STAY, secrets: [{ name: 'theirs', file: 'theirs' }], listeners: [{ name: 'ingress', toPort: 1 }] }),
      ],
      { secrets: { mine: 'a value', theirs: 'another' } },
    );
    const result = await here.runtime.once('reader', ['{node}', '--input-type=module', '-'], { stdin: READ, timeoutMs: 10_000 });
    assert.deepEqual(JSON.parse(result.stdout), {
      'own secret': 'a value',
      'secret mode': '400 true',
      secrets: 'mine',
      config: 'main.mjs',
      'write config': 'EROFS',
      'chmod secret': 'EROFS',
      state: 'home',
      sockets: '',
      umask: '77',
    });
  });

  test(asRoot ? 'root -> every service has a uid of its own' : 'an ordinary user -> every service has that uid', async () => {
    await using here = await testDeployment([testService('one', { script: STAY }), testService('two', { script: STAY })]);
    const uids = await Promise.all(
      ['one', 'two'].map(async (name) => Number((await here.runtime.once(name, ['/usr/bin/id', '-u'], { timeoutMs: 10_000 })).stdout)),
    );
    if (asRoot) assert.ok(new Set(uids).size === 2 && uids.every((uid) => uid >= 40_000 && uid < 60_000), String(uids));
    else assert.deepEqual(uids, [process.getuid?.(), process.getuid?.()]);
    assert.deepEqual(
      uids,
      ['one', 'two'].map((name) => statSync(join(here.root, 'services', name, 'state')).uid),
    );
  });

  test('a fork bomb -> ends at the limit of processes, the machine does not notice', async () => {
    await using here = await testDeployment([
      testService('bomb', { script: STAY, limits: { memoryMiB: 256, processes: 60, openFiles: 256, fileMiB: 1, tmpMiB: 1 } }),
    ]);
    const perl =
      'my $n = 0; while ($n < 500) { my $p = fork; last unless defined $p; if (!$p) { sleep 20; exit } $n++ } print $n; kill 9, -1;';
    await here.runtime.start(['bomb']);
    const result = await here.runtime.inside('bomb', ['/usr/bin/perl', '-e', `$| = 1; ${perl}`], { timeoutMs: 15_000 });
    const count = Number(result.stdout);
    assert.ok(count > 5 && count < 60, result.stdout + result.stderr);
  });

  test('a service that watches files without end -> ends at its own share, which is not all of its user’s', async () => {
    await using here = await testDeployment([testService('watcher', { script: STAY })]);
    const call = process.arch === 'arm64' ? { init: 26, add: 27 } : { init: 294, add: 254 };
    const perl = `my $n = 0; my @open; while ($n < 200) { my $fd = syscall(${call.init}, 0); last if $fd < 0; push @open, $fd; $n++ }
my $m = 0; for (1 .. 9000) { my $f = "/state/w$_"; open my $o, '>', $f or last; close $o; my $wd = syscall(${call.add}, $open[0], $f, 2); last if $wd < 0; $m++ } print "$n $m";`;
    const result = await here.runtime.once('watcher', ['/usr/bin/perl', '-e', perl], { timeoutMs: 20_000 });
    assert.equal(result.stdout, '32 8192', result.stderr);
  });

  test('a file beyond the limit of a file, more open files than allowed -> refused', async () => {
    await using here = await testDeployment([
      testService('big', { script: STAY, limits: { memoryMiB: 256, processes: 60, openFiles: 64, fileMiB: 1, tmpMiB: 1 } }),
    ]);
    const perl = `$SIG{XFSZ} = 'IGNORE'; open my $f, '>', '/state/big'; my $n = 0; while ($n < 4 * 1024 ** 2) { my $w = syswrite $f, 'x' x 65536; last unless $w; $n += $w }
my @open; while (@open < 200) { open my $o, '<', '/dev/null' or last; push @open, $o } print "$n ", @open < 64 ? 'few' : 'many';`;
    const result = await here.runtime.once('big', ['/usr/bin/perl', '-e', perl], { timeoutMs: 15_000 });
    assert.equal(result.stdout, `${1024 ** 2} few`);
  });

  // Where this process may not use a memory controller there is no such limit; the next test sees to it that this is said.
  if (openGroups('trial', '/trial').memory) {
    test('a memory hog -> killed by its control group, which is removed afterwards', async () => {
      await using here = await testDeployment([
        testService('hog', { script: STAY, limits: { memoryMiB: 64, processes: 60, openFiles: 256, fileMiB: 1, tmpMiB: 1 } }),
      ]);
      const perl = "my @keep; for (1 .. 64) { push @keep, 'x' x (4 * 1024 ** 2) } print 'still here';";
      const result = await here.runtime.once('hog', ['/usr/bin/perl', '-e', perl], { timeoutMs: 30_000 });
      assert.notEqual(result.code, 0);
      assert.equal(result.stdout, '');
      assert.deepEqual(leftGroups(here.root), []);
    });

    test('the supervisor is killed, then shutdown -> its control groups are removed all the same', async () => {
      await using here = await testDeployment([testService('stay', { script: STAY })]);
      await here.runtime.start(['stay']);
      assert.ok(leftGroups(here.root).length > 0);
      process.kill(Number(readFileSync(join(here.root, 'supervisor/pid'), 'utf8')), 'SIGKILL');
      await here.runtime.shutdown();
      assert.deepEqual(leftGroups(here.root), []);
    });
  }

  test('notEnforced: says what this host cannot do', async () => {
    await using here = await testDeployment([]);
    const ids = (await here.runtime.notEnforced()).map((one) => one.checkId);
    assert.equal(ids.includes('host.identity'), !asRoot);
    assert.equal(ids.includes('host.memory-limit'), !openGroups('home', here.root).memory);
    assert.ok(!ids.includes('host.containment'));
  });
});

function leftGroups(root: string): readonly string[] {
  return ['/sys/fs/cgroup/memory/lobsterpot', '/sys/fs/cgroup/pids/lobsterpot', '/sys/fs/cgroup/lobsterpot']
    .map((folder) => join(folder, `home-${sha256(root).slice(0, 8)}`))
    .filter((folder) => existsSync(folder));
}
