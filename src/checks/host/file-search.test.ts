import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Redacted } from '../../core/redacted.ts';
import { localHost } from '../../hosts/local-host.ts';
import { secretProbe } from '../probes/secret-probe.ts';
import { GATEWAY } from '../testing/subject.ts';
import { listFiles, searchFiles } from './file-search.ts';

const SECRET = 'a-long-secret';
const probes = new Map([['key', secretProbe(new Redacted(SECRET))]]);

function deployment(t: TestContext): {
  readonly root: string;
  readonly trail: string;
  readonly search: () => Promise<{ readonly status: string; readonly message: string }>;
} {
  const root = mkdtempSync(join(tmpdir(), 'deployment-'));
  // Not by Node: it cannot remove what a path cannot name.
  t.after(() => execFileSync('rm', ['-rf', root]));
  const trail = join(root, 'services/gate/state/trail');
  mkdirSync(trail, { recursive: true });
  writeFileSync(join(trail, 'trail-00000001.jsonl'), '{}\n');
  const services = [GATEWAY, { ...GATEWAY, name: 'gate', role: 'gate' } as const];
  const place = { host: localHost('here'), kind: 'process' as const, root, services };
  return { root, trail, search: async () => searchFiles(place, await listFiles(place), probes) };
}

test('searchFiles: a deployment without secrets in its files -> pass, and counts what was read', async (t) => {
  const { root, search } = deployment(t);
  mkdirSync(join(root, 'secrets'));
  mkdirSync(join(root, 'services/gateway-main/state'), { recursive: true });
  for (const own of ['secrets/key', 'services/gateway-main/state/openclaw.json']) writeFileSync(join(root, own), SECRET);
  assert.deepEqual(await search(), { status: 'pass', message: '1 secrets looked for in 1 files' });
});

test('searchFiles: a secret in a file, whatever the file is called -> fail, naming it', async (t) => {
  const { trail, search } = deployment(t);
  writeFileSync(join(trail, 'a\nb'), SECRET);
  const { status, message } = await search();
  assert.deepEqual([status, message.replaceAll('\n', ' ')], ['fail', 'secret key in services/gate/state/trail/a b']);
});

/** What a gate that is no longer ours can put into its state; none of it may hide a secret, be followed, or stop the search. */
const STRANGE: readonly (readonly [situation: string, make: (folder: string) => void, expected: RegExp])[] = [
  ['a pipe', (folder) => void execFileSync('mkfifo', [join(folder, 'x')]), /^pass: .* in 1 files$/],
  [
    'a link to a file with a secret',
    (folder) => symlinkSync(join(folder, '../../../../secrets/key'), join(folder, 'x')),
    /^pass: .* in 1 files$/,
  ],
  ['a link to a folder', (folder) => symlinkSync('/', join(folder, 'x')), /^pass: .* in 1 files$/],
  ['a name that looks like another path', (folder) => writeFileSync(join(folder, 'x\n 5 etc'), ''), /^pass: .* in 2 files$/],
  [
    'a file that is too large',
    (folder) => hole(join(folder, 'x'), 2 ** 41),
    /^unknown: not read: services\/gate\/state\/trail\/x: it has 2199023255552 bytes/,
  ],
  [
    'a name that is not UTF-8',
    (folder) => writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff])]), ''),
    /^unknown: .*name cannot be read/,
  ],
  ['folders deeper than a path may be long', (folder) => deep(folder, 60), /^unknown: not read: .*ENAMETOOLONG/],
];

for (const [situation, make, expected] of STRANGE) {
  const skip = situation.includes('UTF-8') && process.platform === 'darwin' && 'its file systems have no such names';
  test(`searchFiles: ${situation} in the state of the gate -> ${expected.source}`, { timeout: 10_000, skip }, async (t) => {
    const { root, trail, search } = deployment(t);
    mkdirSync(join(root, 'secrets'));
    writeFileSync(join(root, 'secrets/key'), SECRET);
    make(trail);
    const { status, message } = await search();
    assert.match(`${status}: ${message}`, expected);
  });
}

test('searchFiles: a folder that cannot be listed -> unknown, and what was found still fails', async () => {
  const place = { host: localHost('here'), kind: 'process' as const, root: '/nonexistent-lobsterpot', services: [GATEWAY] };
  const list = await listFiles(place);
  assert.equal((await searchFiles(place, list, probes)).status, 'unknown');
  assert.match(list.incomplete ?? '', /No such file/);
});

function hole(path: string, bytes: number): void {
  writeFileSync(path, '');
  truncateSync(path, bytes);
}

/** Made from inside, a folder at a time: no path that long can be named. */
function deep(folder: string, levels: number): void {
  const script = 'chdir shift or die; for (1..shift) { mkdir "d" x 200; chdir "d" x 200 or die } open my $f, ">", "x" or die; print $f "x"';
  execFileSync('perl', ['-e', script, folder, String(levels)]);
}
