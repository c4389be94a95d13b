import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { until } from '../../src/core/wait.ts';
import { inLab, labRefusal } from './in-lab.ts';

const WALK = join(import.meta.dirname, 'walk.ts');
const isRoot = process.getuid?.() === 0;
const refusal = await labRefusal();

const walked = z.object({
  uid: z.number(),
  interfaces: z.array(z.string()),
  resolver: z.string(),
  outside: z.array(z.string()),
  inside: z.array(z.string()),
  ssh: z.string(),
  names: z.array(z.string()),
  unknownName: z.string(),
  rebinding: z.array(z.string()),
  otherResolver: z.string(),
  trusted: z.string(),
  untrusted: z.string(),
  wrongKey: z.string(),
  ledger: z.object({ entries: z.array(z.looseObject({ kind: z.string() })), packets: z.number(), pings: z.number() }),
  keyInLedger: z.boolean(),
});

describe('lab', { skip: refusal, timeout: 120_000 }, () => {
  let scratch = '';
  before(() => {
    scratch = mkdtempSync(join(tmpdir(), 'lab-test-'));
    if (isRoot) chownSync(scratch, 61_076, 61_076);
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  const identities = [
    { name: 'as whoever starts it', options: {}, uid: process.getuid?.() ?? -1, skip: false },
    { name: 'root drops to a user', options: { asUser: 61_076 }, uid: 61_076, skip: isRoot ? false : 'only root can drop' },
    {
      name: 'an ordinary user makes the lab',
      options: { dropTo: 61_076 },
      uid: 61_076,
      skip: isRoot ? false : 'the first case is this one already',
    },
  ] as const;

  for (const { name, options, uid, skip } of identities) {
    test(`walk: ${name} -> only the lab is reached and all of it is in the ledger`, { skip }, async () => {
      const env: Record<string, string> = 'dropTo' in options ? { HOME: scratch } : {};
      const result = await inLab([process.execPath, WALK], { ...options, env, timeoutMs: 60_000 });
      assert.equal(result.code, 0, result.stderr);
      const met = walked.parse(JSON.parse(result.stdout));
      assert.equal(met.uid, uid);
      assert.deepEqual(met.interfaces, ['eth0', 'lo']);
      assert.equal(met.resolver, 'nameserver 198.51.100.53');
      assert.deepEqual(new Set(met.outside), new Set(['EHOSTUNREACH']));
      assert.deepEqual(new Set([...met.inside, met.ssh]), new Set(['connected']));
      assert.deepEqual(met.names, ['198.51.100.10', '198.51.100.66']);
      assert.equal(met.unknownName, 'ENOTFOUND');
      assert.deepEqual(met.rebinding, ['198.51.100.12', '127.0.0.1']);
      assert.match(met.otherResolver, /ETIMEOUT|ECONNREFUSED/);
      assert.match(met.trusted, /^200 .*la la/s);
      assert.match(met.untrusted, /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN/);
      assert.match(met.wrongKey, /^401 /);
      const kinds = new Set(met.ledger.entries.map((entry) => entry.kind));
      assert.deepEqual([...kinds].toSorted(), ['dns', 'hello', 'not-tls', 'request', 'tcp', 'tls', 'udp']);
      assert.deepEqual(
        met.ledger.entries.filter((entry) => entry.kind === 'request').map((entry) => entry['key']),
        ['expected', 'other'],
      );
      assert.equal(met.keyInLedger, false);
    });
  }

  test('end: the command ends -> what it left running ends with it', async () => {
    const marker = `3${Math.floor(Math.random() * 1e6)}.75`;
    const result = await inLab(['/bin/sh', '-c', `setsid sleep ${marker} & exit 3`], { timeoutMs: 30_000 });
    assert.equal(result.code, 3);
    assert.deepEqual(runningWith(marker), []);
  });

  test('end: the lab is killed hard -> nothing of it runs on', async () => {
    const marker = `4${Math.floor(Math.random() * 1e6)}.75`;
    const child = spawn(process.execPath, [join(import.meta.dirname, 'enter.ts'), '--', '/bin/sleep', marker], {
      stdio: 'ignore',
      env: { ...process.env, TMPDIR: scratch },
    });
    const isUp = await until(async () => (runningWith(marker).some((line) => line.startsWith('/bin/sleep')) ? true : undefined), {
      timeoutMs: 20_000,
      everyMs: 50,
    });
    assert.equal(isUp, true);
    child.kill('SIGKILL');
    const isGone = await until(async () => (runningWith(marker).length === 0 ? true : undefined), { timeoutMs: 10_000, everyMs: 50 });
    assert.equal(isGone, true);
  });

  test('resolv.conf: a lab ran -> the machine has its own as before', async () => {
    const text = readFileSync('/etc/resolv.conf', 'utf8');
    await inLab(['/bin/true'], { timeoutMs: 30_000 });
    assert.equal(readFileSync('/etc/resolv.conf', 'utf8'), text);
  });
});

function runningWith(marker: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(marker));
}
