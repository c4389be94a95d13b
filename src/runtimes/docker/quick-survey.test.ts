import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { sha256 } from '../../core/digest.ts';
import { PLAIN_PATH, run } from '../../hosts/run.ts';
import type { EngineApi } from './engine-api.ts';
import type { HttpAnswer } from './http-answers.ts';
import type { LogText } from './log-text.ts';
import { parseSeen } from './parse-seen.ts';
import { LOOK, namesFor, quickSurvey } from './quick-survey.ts';
import { asLog } from './testing/as-log.ts';

const answer = (status: number, body: Buffer | object = {}): HttpAnswer => ({
  status,
  headers: new Map(),
  body: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)),
});

/** An engine that answers as it is told; what it was asked is kept. */
function fakeApi(answers: Readonly<Record<string, HttpAnswer>>): {
  readonly api: EngineApi;
  readonly asked: { what: string; body: unknown }[];
} {
  const asked: { what: string; body: unknown }[] = [];
  const ask: EngineApi['ask'] = async (method, path, body) => {
    const what = `${method} ${path.replace(/-look-[0-9a-f]+/, '-look')}`;
    asked.push({ what, body });
    return answers[what] ?? assert.fail(`it asked ${what}`);
  };
  return { asked, api: { ask, json: () => assert.fail('it asked for more'), isOpen: () => true, close: async () => {} } };
}

const AT = '/containers/lobsterpot-home-look';
const CREATE = 'POST /containers/create?name=lobsterpot-home-look';
const [START, WAIT, LOG, REMOVE] = [`POST ${AT}/start`, `POST ${AT}/wait`, `GET ${AT}/logs?stdout=1&stderr=1`, `DELETE ${AT}?force=1&v=1`];
const GOOD = {
  [CREATE]: answer(201, { Id: 'c'.repeat(64) }),
  [START]: answer(204),
  [WAIT]: answer(200, { StatusCode: 0 }),
  [LOG]: answer(200, asLog('is 41c0 0 0 1795334729 2026-11-22 08:05:29.834356170 +0000 services\nseen\n', 'seen\n')),
  [REMOVE]: answer(204),
};
const OF = { deployment: 'home', root: '/srv/home', image: 'sha256:x', paths: ['compose.yaml', 'services/gate/state'] };

suite('quickSurvey', () => {
  test('what the container says -> what lies there', async () => {
    const found = await quickSurvey(fakeApi(GOOD).api, OF);
    assert.deepEqual([...found], [['services', { kind: 'directory', mode: 0o700, owner: { uid: 0, gid: 0 } }]]);
  });

  test('the container: that folder alone, nothing writable, the one right to look, no network; and it is removed', async () => {
    const { api, asked } = fakeApi(GOOD);
    await quickSurvey(api, OF);
    assert.deepEqual(
      asked.map((one) => one.what),
      [CREATE, START, WAIT, LOG, REMOVE],
    );
    assert.deepEqual(asked[0]?.body, {
      Image: 'sha256:x',
      Entrypoint: ['/bin/sh', '-c', LOOK, '/deployment', 'compose.yaml', 'services/gate/state'],
      Cmd: [],
      Env: ['LC_ALL=C'],
      User: '0:0',
      WorkingDir: '/',
      Labels: { 'lobsterpot.deployment': 'home', 'lobsterpot.seconds': '600' },
      Healthcheck: { Test: ['NONE'] },
      NetworkDisabled: true,
      HostConfig: {
        NetworkMode: 'none',
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        CapAdd: ['DAC_READ_SEARCH'],
        SecurityOpt: ['no-new-privileges'],
        LogConfig: { Type: 'json-file', Config: {} },
        Mounts: [{ Type: 'bind', Source: '/srv/home', Target: '/deployment', ReadOnly: true }],
      },
    });
  });

  for (const [what, other] of [
    ['no folder there, or no image', { [CREATE]: answer(400), [START]: answer(404), [WAIT]: answer(404), [LOG]: answer(404) }],
    ['no shell in the image', { [START]: answer(400) }],
    ['an engine that keeps no log', { [LOG]: answer(501) }],
    ['a log that is empty', { [LOG]: answer(200, Buffer.alloc(0)) }],
    ['a log that is cut off', { [LOG]: answer(200, asLog('is 41c0 0 0 ')) }],
  ] as const) {
    test(`${what} -> it cannot be had this way, and nothing is left`, async () => {
      const { api, asked } = fakeApi({ ...GOOD, ...other });
      await assert.rejects(quickSurvey(api, OF));
      assert.equal(asked.at(-1)?.what, REMOVE);
    });
  }
});

test('namesFor: every path and its folders once, without what the script finds by itself', () => {
  const paths = [
    'compose.yaml',
    'inside/launcher.mjs',
    'services/gate',
    'services/gate/spec.json',
    'services/gate/config/gate.json',
    'services/gate/secrets/key',
    'services/gate/.hidden',
  ];
  assert.deepEqual(namesFor(paths), [
    'compose.yaml',
    'inside',
    'inside/launcher.mjs',
    'services/gate/.hidden',
    'services/gate/config',
    'services/gate/config/gate.json',
  ]);
});

suite('LOOK in a real shell', { skip: process.platform === 'linux' ? false : 'it runs in an image of Linux' }, () => {
  /** What it says of a folder that `make` filled. */
  async function look(make: (folder: string) => string | void, ...names: readonly string[]): Promise<LogText> {
    const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-look-'));
    try {
      const programs = make(folder);
      const env = { PATH: programs === undefined ? PLAIN_PATH : `${programs}:${PLAIN_PATH}`, LC_ALL: 'C' };
      const { stdout, stderr } = await run(['/bin/sh', '-c', LOOK, folder, ...names], { timeoutMs: 10_000, env });
      return { out: stdout, errors: stderr };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  const put = (folder: string): void => {
    mkdirSync(join(folder, 'services/gate/secrets'), { recursive: true });
    mkdirSync(join(folder, 'services/gate/state'));
    writeFileSync(join(folder, 'services/gate/state/own'), 'of the service itself');
    writeFileSync(join(folder, 'services/gate/spec.json'), '{}');
    writeFileSync(join(folder, 'services/gate/secrets/a key'), 'a value');
    writeFileSync(join(folder, '-n'), '');
    for (const one of ['services', 'services/gate', 'services/gate/secrets', 'services/gate/state']) chmodSync(join(folder, one), 0o750);
  };

  test('files, folders, secrets, what is absent -> each as it is; nothing of what a service wrote, and no value', async () => {
    let mtimeMs = 0;
    const said = await look(
      (folder) => {
        put(folder);
        mtimeMs = Math.floor(statSync(join(folder, 'services/gate/secrets/a key')).mtimeMs);
      },
      '-n',
      'compose.yaml',
      'services/gate/state',
    );
    const found = parseSeen(said);
    assert.deepEqual([...found.keys()].toSorted(), [
      '-n',
      'services',
      'services/gate',
      'services/gate/secrets',
      'services/gate/secrets/a key',
      'services/gate/spec.json',
      'services/gate/state',
    ]);
    const owner = { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 };
    assert.deepEqual(found.get('services/gate/state'), { kind: 'directory', mode: 0o750, owner });
    const key = found.get('services/gate/secrets/a key');
    assert.deepEqual(key, { kind: 'file', mode: 0o644, owner, sha256: sha256('a value'), mtimeMs });
    assert.doesNotMatch(said.out + said.errors, /a value|own/);
  });

  test('more than is written at once, and absent paths between it -> each line is whole', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `services/gate/config/${'x'.repeat(index % 60)}${index}`);
    const said = await look(
      (folder) => {
        put(folder);
        mkdirSync(join(folder, 'services/gate/config'));
        // Every second one is there.
        for (const [index, name] of names.entries()) if (index % 2 === 0) writeFileSync(join(folder, name), '');
      },
      'services/gate/config',
      ...names,
    );
    assert.ok(said.out.length > 3 * 4096);
    const found = parseSeen(said);
    assert.deepEqual(
      names.map((name) => found.has(name)),
      names.map((_, index) => index % 2 === 0),
    );
  });

  test('a stat that writes by the buffer, so that an error comes within a line -> understood', async () => {
    const said = await look((folder) => {
      const programs = join(folder, 'bin');
      mkdirSync(programs);
      const text = "printf 'is 41c0 0 0 17953'; echo \"stat: cannot stat 'x': No such file or directory\" >&2";
      writeFileSync(join(programs, 'stat'), `#!/bin/sh\n${text}; echo '34729 2026-11-22 08:05:29.834 +0000 services'\n`, { mode: 0o755 });
      return programs;
    });
    assert.deepEqual([...parseSeen(said).keys()], ['services']);
  });

  test('a folder that is there and empty -> nothing', async () => assert.equal(parseSeen(await look(() => undefined)).size, 0));

  for (const [what, make] of [
    ['a link in place of a file', (folder: string): void => symlinkSync('/etc/passwd', join(folder, 'services/gate/passwd'))],
    ['a link in place of a secret', (folder: string): void => symlinkSync('/etc/passwd', join(folder, 'services/gate/secrets/x'))],
  ] as const) {
    test(`${what} -> told, and not followed`, async () => {
      const said = await look((folder) => {
        put(folder);
        make(folder);
      }, 'services/gate/passwd');
      assert.ok([...parseSeen(said).values()].some((one) => one.kind === 'other'));
    });
  }

  test('a link in place of a folder -> it cannot be had this way', async () => {
    const said = await look(
      (folder) => {
        put(folder);
        symlinkSync('/etc', join(folder, 'inside'));
      },
      'inside',
      'inside/passwd',
    );
    assert.throws(() => parseSeen(said), /a folder is a link/);
  });

  test('a name of two lines among the secrets -> it cannot be had this way', async () => {
    const said = await look((folder) => {
      put(folder);
      writeFileSync(join(folder, 'services/gate/secrets/a\nb'), '');
    });
    assert.throws(() => parseSeen(said));
  });
});
