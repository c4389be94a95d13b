import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { sha256 } from '../../core/digest.ts';
import type { EngineApi } from './engine-api.ts';
import type { HttpAnswer } from './http-answers.ts';
import { quickSurvey } from './quick-survey.ts';
import { stateFolder } from './survey-files.ts';
import type { TarEntry } from './tar-entries.ts';

const ID = 'c'.repeat(64);
const OWNER = { uid: 40_001, gid: 40_001 };

type Put = { readonly name: string; readonly type?: string; readonly mode?: number; readonly content?: string };

/** An archive as Docker writes it. */
function tar(...entries: readonly Put[]): Buffer {
  const blocks = entries.flatMap(({ name, type = '0', mode = 0o440, content = '' }) => {
    const head = Buffer.alloc(512);
    head.write(name);
    for (const [at, value] of [
      [100, mode],
      [108, OWNER.uid],
      [116, OWNER.gid],
    ] as const) {
      head.write(value.toString(8).padStart(7, '0'), at);
    }
    head.write(content.length.toString(8).padStart(11, '0'), 124);
    head.write(' '.repeat(8), 148);
    head.write(type, 156);
    head.write(
      `${head
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    return [head, Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const folder = (name: string): Put => ({ name, type: '5', mode: 0o750 });
const STATE: TarEntry = { name: 'state/', kind: 'directory', mode: 0o700, ...OWNER, content: Buffer.alloc(0), isWhole: true };
const FILES = [
  folder('deployment/'),
  { name: 'deployment/compose.yaml', content: 'x' },
  folder('deployment/services/gate/'),
  folder('deployment/services/gate/secrets/'),
  { name: 'deployment/services/gate/secrets/key', content: 'abc', mode: 0o400 },
  { name: 'deployment/services/gate/spec.json', content: '{}' },
  folder('deployment/services/gate/state/'),
  { name: 'deployment/services/gate/state/launcher.mjs', content: 'stands in' },
];

const answer = (status: number, body: Buffer | object = {}, headers: Readonly<Record<string, string>> = {}): HttpAnswer => ({
  status,
  headers: new Map(Object.entries(headers)),
  body: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)),
});
const told = (mtime: string): Readonly<Record<string, string>> => ({
  'x-docker-container-path-stat': Buffer.from(JSON.stringify({ mtime })).toString('base64'),
});

/** An engine that answers as it is told; what it was asked is kept. */
function fakeApi(answers: Readonly<Record<string, HttpAnswer>>): {
  readonly api: EngineApi;
  readonly asked: { what: string; body: unknown }[];
} {
  const asked: { what: string; body: unknown }[] = [];
  const ask: EngineApi['ask'] = async (method, path, body) => {
    const what = `${method} ${path.replace(/-look-[0-9a-f]+$/, '-look')}`;
    asked.push({ what, body });
    return answers[what] ?? assert.fail(`it asked ${what}`);
  };
  return { asked, api: { ask, json: () => assert.fail('it asked for more'), isOpen: () => true, close: async () => {} } };
}

const CREATE = 'POST /containers/create?name=lobsterpot-home-look';
const ARCHIVE = `GET /containers/${ID}/archive?path=%2Fdeployment`;
const KEY = `HEAD /containers/${ID}/archive?path=%2Fdeployment%2Fservices%2Fgate%2Fsecrets%2Fkey`;
const REMOVE = `DELETE /containers/${ID}?force=1&v=1`;
const GOOD = {
  [CREATE]: answer(201, { Id: ID }),
  [ARCHIVE]: answer(200, tar(...FILES)),
  [KEY]: answer(200, {}, told('2026-11-22T08:05:29.834356170Z')),
  [REMOVE]: answer(204),
};
const OF = { deployment: 'home', root: '/srv/home', image: 'sha256:x', states: new Map([['gate', async () => STATE]]) };

suite('quickSurvey', () => {
  test('an archive -> every file with mode, owner, digest; secrets with their exact time; the state folder as it is, not what stands in', async () => {
    const { api } = fakeApi(GOOD);
    const { files, specs } = await quickSurvey(api, OF);
    assert.deepEqual(Object.fromEntries(files), {
      'compose.yaml': { kind: 'file', mode: 0o440, owner: OWNER, sha256: sha256('x'), mtimeMs: 0 },
      'services/gate': { kind: 'directory', mode: 0o750, owner: OWNER },
      'services/gate/secrets': { kind: 'directory', mode: 0o750, owner: OWNER },
      'services/gate/secrets/key': {
        kind: 'file',
        mode: 0o400,
        owner: OWNER,
        sha256: sha256('abc'),
        mtimeMs: Date.parse('2026-11-22T08:05:29.834Z'),
      },
      'services/gate/spec.json': { kind: 'file', mode: 0o440, owner: OWNER, sha256: sha256('{}'), mtimeMs: 0 },
      'services/gate/state': { kind: 'directory', mode: 0o700, owner: OWNER },
    });
    assert.deepEqual([...specs], [['gate', '{}']]);
  });

  test('the container that is looked through: no right, no network, nothing writable, never started, removed', async () => {
    const { api, asked } = fakeApi(GOOD);
    await quickSurvey(api, OF);
    assert.deepEqual(
      asked.map((one) => one.what),
      [CREATE, ARCHIVE, KEY, REMOVE],
    );
    assert.deepEqual(asked[0]?.body, {
      Image: 'sha256:x',
      Entrypoint: ['/bin/false'],
      User: '65534:65534',
      Labels: { 'lobsterpot.deployment': 'home' },
      NetworkDisabled: true,
      HostConfig: {
        NetworkMode: 'none',
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        LogConfig: { Type: 'none', Config: {} },
        Mounts: [
          { Type: 'bind', Source: '/srv/home', Target: '/deployment', ReadOnly: true },
          { Type: 'bind', Source: '/srv/home/inside', Target: '/deployment/services/gate/state', ReadOnly: true },
        ],
      },
    });
  });

  for (const [what, other, isMade] of [
    ['no folder there', { [CREATE]: answer(400) }, false],
    ['an identity that is none', { [CREATE]: answer(201, { Id: '../x' }) }, false],
    ['no archive', { [ARCHIVE]: answer(404) }, true],
    ['an archive of something else', { [ARCHIVE]: answer(200, tar({ name: 'etc/passwd' })) }, true],
    [
      'an archive that is cut off',
      { [ARCHIVE]: answer(200, tar({ name: 'deployment/x', content: 'y'.repeat(600) }).subarray(0, 600)) },
      true,
    ],
    ['a secret without a time', { [KEY]: answer(200) }, true],
  ] as const) {
    test(`${what} -> it cannot be had this way, and nothing is left`, async () => {
      const { api, asked } = fakeApi({ ...GOOD, ...other });
      await assert.rejects(quickSurvey(api, OF));
      assert.equal(asked.at(-1)?.what === REMOVE, isMade);
    });
  }
});

suite('stateFolder', () => {
  const http = (status: string, archive: Buffer): Buffer => Buffer.concat([Buffer.from(`HTTP/1.0 ${status}\r\nX: y\r\n\r\n`), archive]);
  const own = tar({ name: 'state/', type: '5', mode: 0o700 }, { name: 'state/x', content: 'z'.repeat(9000) });
  test('the beginning of an archive -> the folder itself', () => {
    const found = stateFolder(http('200 OK', own).subarray(0, 3000));
    assert.deepEqual([found?.mode, found?.uid], [0o700, OWNER.uid]);
  });
  for (const [what, bytes] of [
    ['nothing', undefined],
    ['no such container', http('404 Not Found', Buffer.from('{}'))],
    ['half a header', http('200 OK', own).subarray(0, 300)],
    ['another folder', http('200 OK', tar(folder('config/')))],
    ['a file in its place', http('200 OK', tar({ name: 'state' }))],
  ] as const) {
    test(`${what} -> not known`, () => assert.equal(stateFolder(bytes), undefined));
  }
});
