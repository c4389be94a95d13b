import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as z from 'zod/mini';

import type { EngineApi } from './engine-api.ts';
import type { HttpAnswer } from './http-answers.ts';
import { LOOK } from './look.ts';
import { quickSurvey } from './quick-survey.ts';
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
    const what = `${method} ${path.replace(/-look-[0-9a-f]{8}/, '-look-NEW')}`;
    asked.push({ what, body });
    return answers[what] ?? assert.fail(`it asked ${what}`);
  };
  return { asked, api: { ask, json: () => assert.fail('it asked for more'), isOpen: () => true, close: async () => {} } };
}

const [KEPT, NEW] = ['/containers/lobsterpot-home-look', '/containers/lobsterpot-home-look-NEW'];
const CREATE = 'POST /containers/create?name=lobsterpot-home-look-NEW';
const LOGS = '/logs?stdout=1&stderr=1&timestamps=1';
const ID = 'a'.repeat(64);
const AGAIN = [
  `GET ${KEPT}/json`,
  `GET ${KEPT}${LOGS}&tail=1`,
  `POST /containers/${ID}/start`,
  `POST /containers/${ID}/wait`,
  `GET /containers/${ID}${LOGS}&tail=508`,
] as const;
const [START, WAIT, LOG, REPLACED] = [`POST ${NEW}/start`, `POST ${NEW}/wait`, `GET ${NEW}${LOGS}`, `DELETE ${KEPT}?v=1`];
const RENAME = `POST ${NEW}/rename?name=lobsterpot-home-look`;
const [REMOVE_NEW, REMOVE_KEPT] = [`DELETE ${NEW}?force=1&v=1`, `DELETE ${KEPT}?force=1&v=1`];
const ANEW = [CREATE, START, WAIT, LOG, REPLACED, RENAME] as const;

const FOLDER = 'is 41c0 0 0 1795334729 2026-11-22 08:05:29.834356170 +0000 services\n';
const OTHER = 'is 41ff 0 0 1795334729 2026-11-22 08:05:29.834356170 +0000 services\n';
const SEEN = [['services', { kind: 'directory', mode: 0o700, owner: { uid: 0, gid: 0 } }]];
/** The log of so many looks, an hour between each and the next. */
const logged = (...looks: readonly string[]): HttpAnswer =>
  answer(
    200,
    asLog(looks.map((one, at) => timed(`looking\n${one}`, at)).join(''), looks.map((_, at) => timed('looking\nseen\n', at)).join('')),
  );
const timed = (text: string, look: number): string => text.replaceAll(/^(?=.)/gm, () => `2026-11-22T0${look}:05:29.834356170Z `);
const NONE = Object.fromEntries(AGAIN.map((what) => [what, answer(404)]));
const FRESH = {
  [CREATE]: answer(201, { Id: 'c'.repeat(64) }),
  [START]: answer(204),
  [WAIT]: answer(200, { StatusCode: 0 }),
  [LOG]: logged(`${FOLDER}seen\n`),
  [REPLACED]: answer(404),
  [RENAME]: answer(204),
  [REMOVE_NEW]: answer(204),
  [REMOVE_KEPT]: answer(204),
};
const OF = { deployment: 'home', root: '/srv/home', image: 'sha256:x', paths: ['compose.yaml', 'services/gate/state'] };

/** How the container is asked for. */
async function asFresh(): Promise<{ readonly Labels: Readonly<Record<string, string>> }> {
  const { api, asked } = fakeApi({ ...NONE, ...FRESH });
  await quickSurvey(api, OF);
  return z.looseObject({ Labels: z.record(z.string(), z.string()) }).parse(asked.find((one) => one.what === CREATE)?.body);
}

/** One that is there since last time, and what it says when it is started once more. */
async function standing(...looks: readonly string[]): Promise<Record<string, HttpAnswer>> {
  const { Labels } = await asFresh();
  const before = answer(200, asLog(...looks.slice(1).flatMap((_, at) => ['', timed('seen\n', at)])));
  const there = answer(200, { Id: ID, State: { Running: false }, Config: { Labels } });
  const answers = [there, before, answer(204), answer(200, { StatusCode: 0 }), logged(...looks)];
  return Object.fromEntries(AGAIN.map((what, at) => [what, answers[at] ?? answer(500)]));
}

suite('quickSurvey', () => {
  test('none there -> a new one tells what lies there, and stays under the usual name', async () => {
    const { api, asked } = fakeApi({ ...NONE, ...FRESH });
    assert.deepEqual([...(await quickSurvey(api, OF))], SEEN);
    assert.deepEqual(
      asked.map((one) => one.what),
      [...AGAIN.slice(0, 2), ...ANEW],
    );
  });

  test('the container: that folder alone, nothing writable, the one right to look, no network', async () => {
    const { Labels, ...body } = await asFresh();
    assert.deepEqual(Object.keys(Labels), ['lobsterpot.deployment', 'lobsterpot.look', 'lobsterpot.seconds']);
    assert.deepEqual(body, {
      Image: 'sha256:x',
      Entrypoint: ['/bin/sh', '-c', LOOK, '/deployment', 'compose.yaml', 'services/gate/state'],
      Cmd: [],
      Env: ['LC_ALL=C'],
      User: '0:0',
      WorkingDir: '/',
      Healthcheck: { Test: ['NONE'] },
      NetworkDisabled: true,
      HostConfig: {
        NetworkMode: 'none',
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        CapAdd: ['DAC_READ_SEARCH'],
        SecurityOpt: ['no-new-privileges'],
        LogConfig: { Type: 'json-file', Config: { 'max-file': '2', 'max-size': '1m' } },
        Mounts: [{ Type: 'bind', Source: '/srv/home', Target: '/deployment', ReadOnly: true }],
      },
    });
  });

  test('one is there -> it is started once more, and what it said before counts for nothing', async () => {
    const { api, asked } = fakeApi(await standing(`${OTHER}seen\n`, `${FOLDER}seen\n`));
    assert.deepEqual([...(await quickSurvey(api, OF))], SEEN);
    assert.deepEqual(
      asked.map((one) => one.what),
      AGAIN,
    );
  });

  const standingAs = (Running: boolean, Labels: object | null): Readonly<Record<string, HttpAnswer>> => ({
    [AGAIN[0]]: answer(200, { Id: ID, State: { Running }, Config: { Labels } }),
  });
  for (const [what, other, asks] of [
    ['it runs, for another command or for ever', standingAs(true, null), 2],
    ['it was made for other paths', standingAs(false, { 'lobsterpot.look': 'f'.repeat(64) }), 2],
    ['somebody made one of that name', standingAs(false, null), 2],
    ['another command started it meanwhile', { [AGAIN[2]]: answer(304) }, 5],
    ['it cannot be started', { [AGAIN[2]]: answer(500) }, 5],
    ['it was removed meanwhile', { [AGAIN[2]]: answer(404), [AGAIN[3]]: answer(404), [AGAIN[4]]: answer(404) }, 5],
    ['its log does not go back to where it began', { [AGAIN[4]]: answer(200, asLog(timed(`${FOLDER}seen\n`, 1), timed('seen\n', 1))) }, 5],
    ['the engine had no room to write down what it said', { [AGAIN[1]]: answer(200, asLog('', timed('seen\n', 0))) }, 5],
  ] as const) {
    test(`one is there, and ${what} -> a new one is asked`, async () => {
      const { api, asked } = fakeApi({ ...FRESH, ...(await standing(`${OTHER}seen\n`)), ...other });
      assert.deepEqual([...(await quickSurvey(api, OF))], SEEN);
      assert.deepEqual(
        asked.map((one) => one.what),
        [...AGAIN.slice(0, asks), ...ANEW],
      );
    });
  }

  test('one is there and was not done -> it cannot be had this way', async () => {
    const said = await standing(`${OTHER}seen\n`, FOLDER);
    await assert.rejects(quickSurvey(fakeApi({ ...FRESH, ...said }).api, OF), /not all of it was told/);
  });

  test('no service is planned there -> the last one goes, and a new one does not stay', async () => {
    const { api, asked } = fakeApi(FRESH);
    assert.deepEqual([...(await quickSurvey(api, { ...OF, paths: [] }))], SEEN);
    assert.deepEqual(
      asked.map((one) => one.what),
      [...ANEW.slice(0, -1), REMOVE_NEW],
    );
  });

  test('two new ones at once -> the second finds the place taken, and goes', async () => {
    const { api, asked } = fakeApi({ ...NONE, ...FRESH, [REPLACED]: answer(409), [RENAME]: answer(409) });
    assert.deepEqual([...(await quickSurvey(api, OF))], SEEN);
    assert.equal(asked.at(-1)?.what, REMOVE_NEW);
  });

  for (const [what, other] of [
    [
      'no folder there, or no image',
      { [CREATE]: answer(400), [START]: answer(404), [WAIT]: answer(404), [LOG]: answer(404), [RENAME]: answer(404) },
    ],
    ['no shell in the image', { [START]: answer(400) }],
    ['an engine that keeps no log', { [LOG]: answer(501) }],
    ['a log that is empty', { [LOG]: answer(200, Buffer.alloc(0)) }],
  ] as const) {
    test(`${what} -> it cannot be had this way, and nothing is left`, async () => {
      const { api, asked } = fakeApi({ ...NONE, ...FRESH, ...other });
      await assert.rejects(quickSurvey(api, OF));
      assert.match(asked.at(-1)?.what ?? '', /^DELETE .*force=1/);
    });
  }

  test('a log that is cut off -> it cannot be had this way', async () => {
    await assert.rejects(quickSurvey(fakeApi({ ...NONE, ...FRESH, [LOG]: logged('is 41c0 0 0 ') }).api, OF));
  });
});
