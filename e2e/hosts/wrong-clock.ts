import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { until } from '../../src/core/wait.ts';
import { problemsOf } from '../support/problem-text.ts';
import { parseJson } from '../support/stage.ts';
import { asRoot, DOCKER, nameOf } from './on-hosts.ts';
import { wellAgain, type HostsStage } from './stage.ts';

const UP_MS = 180_000;
const BACK_MS = 120_000;
const LOOKED_AT_MS = 1500;

const spec = z.looseObject({ launch: z.looseObject({ env: z.record(z.string(), z.string()) }) });
const examined = z.object({
  hosts: z.array(
    z.object({ host: z.string(), findings: z.array(z.object({ checkId: z.string(), status: z.string(), message: z.string() })) }),
  ),
});

/** Of the host and of the node in its container; the rest of the NAS has the right time. */
export function wrongClock(stage: () => HostsStage): void {
  const folder = (): string => `/volume1/docker/openclaw/${nameOf(stage())}/services/node-nas`;
  const container = (of: string): string => `lobsterpot-${nameOf(stage())}-${of}`;
  const nas = (script: string, ...args: readonly string[]): Promise<string> => asRoot(stage().lab.nas, script, ...args);

  describe('a host with another time', () => {
    test(
      'the clock of a node is an hour off -> doctor and up say so once; the node is with its gateway all the same',
      { timeout: 480_000 },
      async (t) => {
        await nas(OWN_CLOCK, folder());
        try {
          giveClock(join(stage().lab.nas.root, folder(), 'spec.json'));
          await nas('"$1" restart "$2"', DOCKER.nas, container('node-nas'));
          assert.equal(await until(() => isBack(stage()), { timeoutMs: BACK_MS, everyMs: 500 }), true);
          for (const [off, told] of [
            ['+3600', 'the clock is 60 min ahead of this machine'],
            ['-3600', 'the clock is 60 min behind this machine'],
          ] as const) {
            await nas(SET_CLOCK, folder(), off);
            await sleep(LOOKED_AT_MS);
            assert.equal(await nas(OFF_INSIDE, DOCKER.nas, container('node-nas')), String(Number(off) / 60));
            const begin = performance.now();
            // A connection that stands is not asked again: only the next one shows who comes.
            await nas('"$1" restart "$2"', DOCKER.nas, container('link-nas'));
            assert.equal(await until(() => isBack(stage()), { timeoutMs: BACK_MS, everyMs: 500 }), true);
            t.diagnostic(`${off} s: back ${((performance.now() - begin) / 1000).toFixed(1)} s after its tunnel was opened anew`);
            await isTold(stage(), told);
          }
        } finally {
          await nas(NO_CLOCK, folder());
        }
        const mended = await stage().cli(['apply', '--yes'], { timeoutMs: UP_MS });
        assert.equal(mended.code, 0, mended.stderr);
        assert.deepEqual(await failing(stage()), []);
        assert.equal(await wellAgain(stage()), true);
      },
    );
  });
}

/** What the node's programs take for the time, and what `date` tells on the host, follow what is set. */
const OWN_CLOCK = `cp /usr/lib/*/faketime/libfaketimeMT.so.1 "$1/state/clock.so"
printf '+0\\n' >"$1/state/clock" && chmod 644 "$1/state/clock" && chmod 755 "$1/state/clock.so"
chown --reference="$1/state" "$1/state/clock" "$1/state/clock.so"
cp -a /usr/bin/date /usr/bin/date.right`;
const SET_CLOCK = `printf '%s\\n' "$2" >"$1/state/clock"
printf '#!/bin/sh\\nFAKETIME=%s LD_PRELOAD=%s exec /usr/bin/date.right "$@"\\n' "$2" "$(ls /usr/lib/*/faketime/libfaketime.so.1)" >/usr/bin/date.new
chmod 755 /usr/bin/date.new && mv /usr/bin/date.new /usr/bin/date`;
const NO_CLOCK = 'mv /usr/bin/date.right /usr/bin/date; rm -f "$1/state/clock" "$1/state/clock.so"';

/** Minutes by which a program with the environment of OpenClaw in the container is off; fails unless that one has the library loaded. */
const OFF_INSIDE = `init=$("$1" inspect --format '{{.State.Pid}}' "$2") && own=$(readlink "/proc/$init/ns/mnt")
for p in /proc/[0-9]*; do
  [ "$(readlink "$p/ns/mnt" 2>/dev/null)" = "$own" ] && [ "$(cat "$p/comm")" = openclaw-node ] || continue
  grep -q /state/clock.so "$p/maps" || continue
  inside=$("$1" exec $(tr '\\0' '\\n' <"$p/environ" | grep -E '^(LD_PRELOAD|FAKETIME_(TIMESTAMP|CACHE|DONT)_)' | sed 's/^/--env=/') "$2" date +%s)
  echo $(((inside - $(date.right +%s) + 7230) / 60 - 120)); exit
done
echo "no OpenClaw with another clock" >&2; exit 1`;

/** Waiting is measured by another clock, which stays right. */
function giveClock(path: string): void {
  const read = spec.parse(parseJson(readFileSync(path, 'utf8')));
  const clock = {
    LD_PRELOAD: '/state/clock.so',
    FAKETIME_TIMESTAMP_FILE: '/state/clock',
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  writeFileSync(path, JSON.stringify({ ...read, launch: { ...read.launch, env: { ...read.launch.env, ...clock } } }));
}

async function isTold(stage: HostsStage, told: string): Promise<void> {
  const [problem, ...more] = problemsOf({ ...(await stage.cli(['up', '--yes', '--json'])), ms: 0 }, 1);
  assert.deepEqual([problem?.code, more], ['preflight/clock', []]);
  assert.match(problem?.what ?? '', new RegExp(`^host nas: ${told}: `));
  assert.match(problem?.fix ?? '', /NTP/);
  const failed = await failing(stage);
  assert.deepEqual(
    failed.map(([host, id, message]) => [host, id, message.startsWith(told)]),
    [['nas', 'preflight.clock', true]],
  );
}

/** What the doctor finds of the clocks of the hosts. */
async function failing(stage: HostsStage): Promise<readonly (readonly [string, string, string])[]> {
  const { stdout, stderr } = await stage.cli(['doctor', '--json']);
  const parsed = examined.safeParse(parseJson(stdout));
  assert.ok(parsed.success, stdout + stderr);
  return parsed.data.hosts.flatMap(({ host, findings }) =>
    findings
      .filter((one) => one.status === 'fail' && one.checkId.startsWith('preflight.clock'))
      .map((one) => [host, one.checkId, one.message] as const),
  );
}

async function isBack(stage: HostsStage): Promise<true | undefined> {
  const { stdout } = await stage.cli(['exec', 'nas', '--', '/usr/bin/uname', '-n']);
  return stdout === 'nas\n' ? true : undefined;
}
