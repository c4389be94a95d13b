import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { ADDRESS } from '../../lab/net.ts';
import { until } from '../../src/core/wait.ts';
import { LAB } from '../lab/addresses.ts';
import { problemsOf } from '../support/problem-text.ts';
import { parseJson } from '../support/stage.ts';
import { asRoot, containersOf } from './on-hosts.ts';
import { wellAgain, type HostsStage } from './stage.ts';

const UP_MS = 180_000;
const NOTICED_MS = 90_000;
const NEW = '192.168.222.12';

/** An address takes the place of another one, as when a router hands out another lease. */
const MOVE = `ip address del "$1/24" dev eth0 && ip address add "$2/24" dev eth0 && ip route add default via ${LAB.router}`;

const proof = z.object({ findings: z.array(z.object({ checkId: z.string(), status: z.string(), message: z.string() })) });

/** The host of the gateway gets another address: told, and put right by two words in the file. */
export function movedHost(stage: () => HostsStage): void {
  const move = (from: string, to: string): Promise<string> => asRoot(stage().lab.mac, MOVE, from, to);

  describe('a host with another address', () => {
    test(
      'up: the file has the new one -> the tunnel alone is started anew, the node is back by itself',
      { timeout: 480_000 },
      async (t) => {
        const file = stage().text();
        const before = await containersOf(stage());
        await move(ADDRESS.mac, NEW);
        try {
          await told(stage());
          const begin = performance.now();
          stage().write(file.replaceAll(ADDRESS.mac, NEW));
          await knowTheKey(stage());
          const plan = await stage().cli(['plan']);
          assert.deepEqual(
            [plan.code, [...plan.stdout.matchAll(/^ +! (\S+) +/gm)].map(([, name]) => name)],
            [2, ['link-nas']],
            plan.stdout,
          );
          const up = await stage().cli(['apply', '--yes'], { timeoutMs: UP_MS });
          assert.equal(up.code, 0, up.stderr);
          const ran = await stage().cli(['exec', 'nas', '--', '/usr/bin/uname', '-n']);
          assert.deepEqual([ran.code, ran.stdout], [0, 'nas\n'], ran.stderr);
          t.diagnostic(`a command on the node ${((performance.now() - begin) / 1000).toFixed(1)} s after the file was edited`);
          const after = await containersOf(stage());
          assert.deepEqual(
            [...after].filter(([name, state]) => before.get(name) !== state).map(([name]) => name),
            ['nas link-nas'],
          );
          await linkProven(stage());
        } finally {
          await move(NEW, ADDRESS.mac);
          stage().write(file);
        }
        const back = await stage().cli(['apply', '--yes'], { timeoutMs: UP_MS });
        assert.equal(back.code, 0, back.stderr);
        assert.equal(await wellAgain(stage()), true);
      },
    );
  });
}

/** While the file still has the old address. */
async function told(stage: HostsStage): Promise<void> {
  const isDown = async (): Promise<true | undefined> => {
    const { code, stdout } = await stage.cli(['status']);
    return code === 4 && /link-nas +(unhealthy|backing-off|starting)/.test(stdout) ? true : undefined;
  };
  // Until the tunnel's ssh notices that nobody answers any more.
  assert.equal(await until(isDown, { timeoutMs: NOTICED_MS, everyMs: 1000 }), true);
  const { stdout } = await stage.cli(['status']);
  assert.match(stdout, /mac-mini could not be looked at: [^]*write it in lobsterpot\.yaml: connect of mac-mini, and address of each link/);
  const [problem, ...more] = problemsOf({ ...(await stage.cli(['up', '--yes', '--json'])), ms: 0 }, 4);
  assert.deepEqual(more, []);
  assert.match(problem?.code ?? '', /^hosts\/ssh-(no-route|timeout)$/);
  assert.match(problem?.fix ?? '', /another address now\? write it in lobsterpot\.yaml: connect of mac-mini, and address of each link/);
}

/** As the message says, with a yes to the key that was compared. */
async function knowTheKey(stage: HostsStage): Promise<void> {
  const asked = await stage.cli(['plan']);
  assert.deepEqual(
    [asked.code, /ssh-host-key-unknown[^]*say yes: ssh me@192\.168\.222\.12 true/.test(asked.stderr)],
    [4, true],
    asked.stderr,
  );
  const { operator } = stage.lab;
  await asRoot(operator, 'HOME="$1" ssh -o StrictHostKeyChecking=accept-new "me@$2" true', operator.home, NEW);
}

/** Every probe of the link: what it may do, and that it believes no other host than the pinned one. */
async function linkProven(stage: HostsStage): Promise<void> {
  const { stdout, stderr } = await stage.cli(['verify', '--json'], { timeoutMs: UP_MS });
  const parsed = proof.safeParse(parseJson(stdout));
  assert.ok(parsed.success, stdout + stderr);
  const links = parsed.data.findings.filter((one) => one.checkId.startsWith('link.'));
  const passed = links.filter((one) => one.status === 'pass').map((one) => one.checkId);
  for (const id of ['link.forward', 'link.exec', 'link.elsewhere', 'link.reverse', 'link.host-key'])
    assert.ok(passed.includes(id), JSON.stringify(links));
  assert.deepEqual(
    links.filter((one) => one.status === 'fail' || one.status === 'unknown'),
    [],
  );
}
