import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { EXIT } from '../core/exit-code.ts';
import { Problem } from '../core/problem.ts';
import { doorScript, enterDoor, parseTold, type DoorRequest } from './engine-door.ts';
import { programPipe } from './program-pipe.ts';
import { PLAIN_PATH } from './run.ts';

/** Runs the script where `docker` is a program of the test. */
async function withDocker<T>(
  docker: string,
  use: (open: () => ReturnType<typeof enterDoor>, home: string) => Promise<T>,
  asked: DoorRequest = {},
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-door-'));
  try {
    mkdirSync(join(folder, 'bin'));
    mkdirSync(join(folder, '.docker'));
    // Whatever engine this machine has: the user's own choice of another counts.
    writeFileSync(join(folder, '.docker/config.json'), '{"currentContext":"mine"}');
    writeFileSync(join(folder, 'bin/docker'), `#!/bin/sh\n${docker}\n`);
    chmodSync(join(folder, 'bin/docker'), 0o755);
    const argv = ['/bin/sh', '-c', doorScript(asked)];
    const env = { PATH: `${join(folder, 'bin')}:${PLAIN_PATH}`, HOME: folder };
    return await use(() => enterDoor(programPipe({ argv, env, ended: async () => undefined }), asked), folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// Answers each line with itself, as an engine answers what it is asked.
const ECHO = '[ "$*" = "system dial-stdio" ] || exit 9; while IFS= read -r l; do echo "said $l"; done';

suite('enterDoor', () => {
  test('a docker that dials -> who the host is, and then the engine itself', async () => {
    await withDocker(ECHO, async (open) => {
      const door = await open();
      assert.ok(door);
      await using _ = door.engine;
      const { uid, gid, user, platform, kernel } = door.facts;
      const { username } = userInfo();
      assert.deepEqual([uid, gid, user, platform, kernel], [process.getuid?.(), process.getgid?.(), username, process.platform, release()]);
      assert.match(door.docker.path, /\/bin\/docker$/);
      door.engine.write('hello\n');
      const answer = once(door.engine, 'data');
      door.engine.resume();
      const [bytes]: unknown[] = await answer;
      assert.equal(String(bytes), 'said hello\n');
    });
  });

  test('keys that were asked for -> told before the engine', async () => {
    const keys = { server: false, accounts: ['nobody-of-that-name'] };
    await withDocker(
      ECHO,
      async (open) => {
        const door = await open();
        assert.ok(door);
        await using _ = door.engine;
        assert.deepEqual(door.keys?.accounts, new Map([['nobody-of-that-name', { kind: 'absent' }]]));
      },
      { keys },
    );
  });

  // What is told of an account without a name, and of one whose name is odd.
  for (const [said, uid, user] of [
    ['uid=1026(admin) gid=100(users) groups=100(users),101(administrators)', 1026, 'admin'],
    ['uid=4711 gid=4711', 4711, '4711'],
    ['uid=70001(LAN+a b) gid=70001(LAN+domain users)', 70_001, 'LAN+a b'],
    [String.raw`uid=70001(LAN\name) gid=70001(LAN\users)`, 70_001, String.raw`LAN\name`],
  ] as const) {
    test(`an account that is told as ${said} -> that one`, async () => {
      await withDocker(ECHO, async (open, home) => {
        writeFileSync(join(home, 'bin/id'), `#!/bin/sh\nprintf '%s\\n' '${said}'\n`);
        chmodSync(join(home, 'bin/id'), 0o755);
        const door = await open();
        await using _ = door?.engine;
        assert.deepEqual([door?.facts.uid, door?.facts.user], [uid, user]);
      });
    });
  }

  test('a docker that cannot dial -> the door opens on nothing, and the end is seen there', async () => {
    await withDocker('exit 1', async (open) => {
      assert.equal((await (await open())?.engine.toArray())?.length, 0);
    });
  });
});

test('enterDoor: a host that was not reached -> its Problem, and nobody waits for it twice', async () => {
  const away = new Problem('hosts/ssh-timeout', 'host nas does not answer', { cause: 'x', fix: 'y', exit: EXIT.unreachable });
  const argv = ['/bin/sh', '-c', 'exit 255'];
  await assert.rejects(enterDoor(programPipe({ argv, env: {}, ended: async () => away }), {}), away);
  assert.equal(await enterDoor(programPipe({ argv, env: {}, ended: async () => new Error('other') }), {}), undefined);
});

test('parseTold: a host without docker, or no host at all -> no door', () => {
  for (const told of ['', 'kernel 6.1\nuid 1\ngid 1\n', 'docker_path /usr/bin/docker\n', 'Welcome!\n'])
    assert.equal(parseTold(told), undefined);
});

test('parseTold: a host where docker needs sudo -> told', () => {
  const door = parseTold(
    'system Linux\nkernel 4.4\nuid 1026\ngid 100\nuser admin\nhome /home/admin\ndocker_path /usr/local/bin/docker\ndocker_sudo /usr/bin/sudo\n',
  );
  assert.deepEqual(door?.docker, { path: '/usr/local/bin/docker', sudo: '/usr/bin/sudo' });
  assert.equal(door?.facts.user, 'admin');
});
