import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { CALLS, REFUSED } from '../syscalls.ts';
import { testDeployment, testService } from './deployment.ts';

// Run by inherit.e2e.test.ts with open descriptors and a session key of its own: prints what of them a service finds,
// as it is and with each protection taken away.
const cpu = process.arch === 'arm64' ? 'arm64' : 'x64';
const look = `use strict;
my %found;
for my $pid (grep { /^\\d+$/ } map { s{.*/}{}r } glob '/proc/*') { $found{readlink $_ // ''} = 1 for glob "/proc/$pid/fd/*" }
my ($type, $name) = ('user', 'lobsterpot-test');
my $key = syscall(${CALLS.keyctl[cpu]}, 10, -3, $type, $name, 0) >= 0 ? 1 : 0;
print '{"file":', (grep { m{/etc/hostname$} } keys %found) ? 1 : 0, ',"key":', $key, "}\\n";`;

const script = `import { spawnSync } from 'node:child_process'; import { readFileSync } from 'node:fs';
console.log('found ' + spawnSync('/usr/bin/perl', ['/config/look.pl'], { encoding: 'utf8' }).stdout.trim()); setInterval(() => undefined, 1000);`;
const PERL = ['/usr/bin/perl', '/config/look.pl'];

await using here = await testDeployment([
  testService('stay', {
    script,
    files: [{ name: 'look.pl', content: look }],
    health: { kind: 'ready-line', text: 'found {', timeoutMs: 15_000 },
  }),
]);
const { runtime, root } = here;
const found = new Map<string, unknown>();

await runtime.start(['stay']);
found.set('service', JSON.parse((await runtime.logs('stay', 1))[0]?.replace('found ', '') ?? ''));
found.set('inside', JSON.parse((await runtime.inside('stay', PERL, { timeoutMs: 10_000 })).stdout));
found.set('once', JSON.parse((await runtime.once('stay', PERL, { timeoutMs: 10_000 })).stdout));

const seal = join(root, 'inside/seal.pl');
const good = readFileSync(seal, 'utf8');
const noKeyring = good.replace(/^syscall\(\$call\{keyctl\}.*$/m, '');
const noClose = good.replace(/^if \(syscall\(\$call\{close_range\}/m, 'if (0 && syscall($call{close_range}');
writeFileSync(
  join(root, 'inside/filter.txt'),
  readFileSync(join(root, 'inside/filter.txt'), 'utf8').replace(/^[0-9a-f]{2} [^]*/m, '06 00 00 7fff0000 # allow\n'),
);
for (const [name, text] of [
  ['no filter', good],
  ['no filter, no keyring of its own', noKeyring],
  ['no filter, nothing closed', noClose],
] as const) {
  if (name !== 'no filter' && text === good) throw new Error(`${name}: seal.pl is not as expected`);
  writeFileSync(seal, text);
  found.set(name, JSON.parse((await runtime.once('stay', PERL, { timeoutMs: 10_000 })).stdout));
}
if (REFUSED['keyctl'] === undefined) throw new Error('keyctl is not refused');
console.log(JSON.stringify(Object.fromEntries(found)));
