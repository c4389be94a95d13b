import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { EXIT } from '../core/exit-code.ts';
import { Problem } from '../core/problem.ts';
import { doorScript, enterDoor, parseHeaders, parseTold, type DoorRequest } from './engine-door.ts';
import { programPipe } from './program-pipe.ts';
import { PLAIN_PATH } from './run.ts';

const ASKED = { headers: [{ container: 'lobsterpot-home-gate', folder: '/state' }] };

/** Runs the script where `docker` is a program of the test. */
async function withDocker<T>(
  docker: string,
  use: (open: () => ReturnType<typeof enterDoor>, home: string) => Promise<T>,
  asked: DoorRequest = ASKED,
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
  test('a docker that dials -> who the host is, the first bytes that were wanted, and then the engine itself', async () => {
    await withDocker(ECHO, async (open) => {
      const door = await open();
      assert.ok(door);
      await using _ = door.engine;
      assert.deepEqual([door.facts.uid, door.facts.platform], [process.getuid?.(), process.platform]);
      assert.match(door.docker.path, /\/bin\/docker$/);
      assert.match(
        (await door.headers).get('lobsterpot-home-gate')?.toString() ?? '',
        /^said GET \/containers\/lobsterpot-home-gate\/archive\?path=%2Fstate HTTP\/1\.0\r?\n/,
      );
      door.engine.write('hello\n');
      const answer = once(door.engine, 'data');
      door.engine.resume();
      const [bytes]: unknown[] = await answer;
      assert.equal(String(bytes), 'said hello\n');
    });
  });

  test('several first bytes, and keys -> side by side, and no word within another', async () => {
    const asked = {
      headers: ['a', 'b', 'c'].map((container) => ({ container, folder: '/state' })),
      keys: { server: false, accounts: ['nobody-of-that-name'] },
    };
    // Each answer comes in two parts; the second when the door was found open.
    const slow = `[ "$*" = "system dial-stdio" ] || exit 9
IFS= read -r l; printf '%s' "$l"; while [ ! -e "$HOME/open" ]; do sleep 0.05; done; echo '  end'; cat`;
    await withDocker(
      slow,
      async (open, home) => {
        const door = await open();
        assert.ok(door);
        await using _ = door.engine;
        writeFileSync(join(home, 'open'), '');
        assert.deepEqual(
          new Map([...(await door.headers)].map(([name, bytes]) => [name, /containers\/(.)\/.* end\n/s.exec(bytes.toString())?.[1]])),
          new Map([
            ['a', 'a'],
            ['b', 'b'],
            ['c', 'c'],
          ]),
        );
        assert.deepEqual(door.keys?.accounts, new Map([['nobody-of-that-name', { kind: 'absent' }]]));
      },
      asked,
    );
  });

  test('a docker that cannot dial -> the door opens on nothing, and the end is seen there', async () => {
    await withDocker('exit 1', async (open) => {
      const door = await open();
      assert.deepEqual((await door?.headers)?.get('lobsterpot-home-gate'), undefined);
      assert.equal((await door?.engine.toArray())?.length, 0);
    });
  });
});

test('enterDoor: a host that was not reached -> its Problem, and nobody waits for it twice', async () => {
  const away = new Problem('hosts/ssh-timeout', 'host nas does not answer', { cause: 'x', fix: 'y', exit: EXIT.unreachable });
  const argv = ['/bin/sh', '-c', 'exit 255'];
  await assert.rejects(enterDoor(programPipe({ argv, env: {}, ended: async () => away }), { headers: [] }), away);
  assert.equal(await enterDoor(programPipe({ argv, env: {}, ended: async () => new Error('other') }), { headers: [] }), undefined);
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

test('parseHeaders: whole lines alone, and of engines that gave something', () => {
  const told = 'lobsterpot-1 17\nheader a aGk=\nheader b \nheader c aGk';
  assert.deepEqual(
    [...parseHeaders(told)].map(([name, bytes]) => [name, bytes.toString()]),
    [['a', 'hi']],
  );
});
