import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { parseJson } from '../support/stage.ts';
import { asRoot, containersOf, DOCKER, HOSTS, nameOf } from './on-hosts.ts';
import { statusOf, wellAgain, type HostsStage } from './stage.ts';

const UP_MS = 240_000;
const IMAGE = 'lobsterpot-lab/openclaw:2026.9.6';
const BROKEN = 'lobsterpot-lab/openclaw:broken';

/** The image, with an OpenClaw in it that ends at once. */
const BREAK = `printf 'FROM ${IMAGE}\\nUSER 0\\nRUN sed -i "1a process.exit(3);" /app/openclaw.mjs\\n' | "$1" build --quiet --tag ${BROKEN} - 2>&1`;

/** Files and locks of a run, below the deployment's folders. */
const LEFT = 'find "$1" \\( -name .before -o -name ".lock*" \\) -print';
const FOLDER = { mac: '/Users/me/openclaw', nas: '/volume1/docker/openclaw' } as const;

const drift = z.looseObject({ drifted: z.array(z.looseObject({ host: z.string(), subject: z.string(), what: z.string() })) });

async function driftOf(stage: HostsStage): Promise<readonly string[]> {
  const { stdout, stderr } = await stage.cli(['drift', '--json']);
  const parsed = drift.safeParse(parseJson(stdout));
  assert.ok(parsed.success, stdout + stderr);
  return parsed.data.drifted.map(({ host, subject, what }) => `${host} ${subject}: ${what}`);
}

async function leftovers({ lab }: HostsStage): Promise<string> {
  return (await Promise.all(HOSTS.map((host) => asRoot(lab[host], LEFT, FOLDER[host])))).join('');
}

/** A run that fails goes back on both hosts; another machine's lock is respected; what is changed by hand is named. */
export function goingBack(stage: () => HostsStage): void {
  describe('going back, locks and drift', () => {
    test(
      'up: an image whose gateway never becomes healthy -> told; the old one runs again on both hosts',
      { timeout: 480_000 },
      async () => {
        const { lab, text } = stage();
        for (const host of HOSTS) await asRoot(lab[host], BREAK, DOCKER[host]);
        const file = text();
        const before = await containersOf(stage());
        const now = /^image: (\S+)$/m.exec(file)?.[1];
        stage().write(file.replaceAll(/^image: .*$/gm, `image: ${BROKEN}`));
        const plan = await stage().cli(['plan']);
        const failed = await stage().cli(['apply', '--yes'], { timeoutMs: UP_MS });
        stage().write(file);
        assert.ok(plan.stdout.includes(`restart (from ${now} to ${BROKEN})`), plan.stdout);
        assert.equal(failed.code, 1, failed.stderr);
        assert.match(failed.stderr, /gateway-main (ended right after its start|is not healthy)[^]*what ran before runs again/);
        assert.equal(await wellAgain(stage()), true);
        assert.deepEqual([...(await containersOf(stage())).keys()].toSorted(), [...before.keys()].toSorted());
        assert.equal(await leftovers(stage()), '');
        assert.deepEqual(await driftOf(stage()), []);
        assert.equal((await stage().cli(['plan'])).code, 0);
      },
    );

    test('up: another machine is at work on a host -> exit 5 with who; unlock lets go of it', async () => {
      const { nas } = stage().lab;
      const claim = {
        pid: 7,
        user: 'jo',
        host: 'laptop',
        command: 'lobsterpot up',
        since: '2026-11-22T00:00:00.000Z',
        operator: 'f'.repeat(32),
      };
      const lock = `${FOLDER.nas}/${nameOf(stage())}/.lock`;
      await asRoot(
        nas,
        'printf %s "$2" >"$1" && rm "$3"',
        lock,
        JSON.stringify(claim),
        lock.replace('.lock', 'services/link-nas/config/known_hosts'),
      );
      const refused = await stage().cli(['apply', '--yes'], { timeoutMs: UP_MS });
      assert.equal(refused.code, 5, refused.stderr);
      assert.match(
        refused.stderr,
        /another machine's lobsterpot is at work on host nas[^]*"lobsterpot up" of jo on laptop \(pid 7\)[^]*lobsterpot unlock nas/,
      );
      assert.equal((await stage().cli(['unlock', 'nas'])).code, 130);
      assert.equal((await stage().cli(['unlock', 'attic-of-nobody', '--yes'])).code, 3);
      assert.match((await stage().cli(['unlock', 'nas', '--yes'])).stdout, /nas is free again/);
      assert.equal((await stage().cli(['apply', '--yes'], { timeoutMs: UP_MS })).code, 0);
      assert.equal(await leftovers(stage()), '');
    });

    test('drift: a file, its owner, a restart policy, a network -> named in one go; up mends them', async () => {
      const { mac, nas } = stage().lab;
      const name = nameOf(stage());
      await asRoot(
        mac,
        'printf "\\n" >>"$1/compose.yaml" && chown 0:0 "$1/services/gateway-main/config/openclaw.json"',
        `${FOLDER.mac}/${name}`,
      );
      await asRoot(
        nas,
        '"$1" update --restart=no "$2" && "$1" network create strange && "$1" network connect strange "$3"',
        DOCKER.nas,
        `lobsterpot-${name}-gate`,
        `lobsterpot-${name}-node-nas`,
      );
      const told = await driftOf(stage());
      for (const one of [
        /^mac-mini compose\.yaml: content differs$/m,
        /^mac-mini services\/gateway-main\/config\/openclaw\.json: owner differs$/m,
        /^nas gate: .*restart policy/m,
        /^nas node-nas: .*network strange/m,
      ])
        assert.match(told.join('\n'), one);
      assert.equal(told.length, 4, told.join('\n'));
      const up = await stage().cli(['apply', '--yes'], { timeoutMs: UP_MS });
      assert.equal(up.code, 0, up.stderr);
      await asRoot(nas, '"$1" network rm strange', DOCKER.nas);
      assert.deepEqual(await driftOf(stage()), []);
      assert.equal(
        (await statusOf(stage())).services.every((one) => one.state === 'healthy'),
        true,
      );
    });
  });
}
