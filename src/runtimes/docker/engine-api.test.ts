import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { suite, test } from 'node:test';

import type { Host, RunResult } from '../../hosts/host.ts';
import { localHost } from '../../hosts/local-host.ts';
import { engineApi } from './engine-api.ts';
import { listContainers } from './list-containers.ts';

const ID = 'd'.repeat(64);

/** An engine that answers each request line as `answers` says, and ends the conversation at any other. */
function engine(answers: Readonly<Record<string, readonly [status: number, body: unknown]>>): Duplex {
  const stream: Duplex = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      for (const [, line = ''] of chunk.toString().matchAll(/^(\w+ \S+) HTTP\/1\.1\r$/gm)) {
        const answer = answers[decodeURIComponent(line)];
        const body = JSON.stringify(answer?.[1]);
        stream.push(answer ? `HTTP/1.1 ${answer[0]} X\r\nContent-Length: ${body.length}\r\n\r\n${body}` : null);
      }
      done();
    },
  });
  return stream;
}

const LIST = `GET /containers/json?all=1&filters={"label":["lobsterpot.deployment=home","lobsterpot.service"]}`;

suite('engineApi', () => {
  test('several questions at once -> each has its own answer', async () => {
    const api = engineApi(engine({ 'GET /a': [200, 1], 'GET /b': [200, 2], 'GET /c': [404, 3] }));
    assert.deepEqual(await Promise.all([api.json('/a'), api.json('/b')]), [1, 2]);
    await assert.rejects(api.json('/c'), /answered 404/);
    await api.close();
    await assert.rejects(api.json('/a'), /is over/);
  });

  test('the engine ends the conversation -> an error, and it is over', async () => {
    const api = engineApi(engine({}));
    await assert.rejects(api.json('/a'));
    assert.equal(api.isOpen(), false);
  });
});

suite('listContainers', () => {
  const ran: (readonly string[])[] = [];
  const host: Host = {
    ...localHost('nas'),
    run: async (argv): Promise<RunResult> => {
      ran.push(argv);
      const stdout = argv.includes('ps') ? `${ID}\n` : JSON.stringify([{ Id: ID, by: 'docker' }]);
      return { code: 0, signal: undefined, timedOut: false, stdout, stderr: '' };
    },
  };
  const over = (answers: Parameters<typeof engine>[0]) => ({
    host,
    docker: ['docker'],
    compose: [],
    quick: { api: engineApi(engine(answers)) },
  });

  test('a conversation -> docker is not called; a container that went away meanwhile is none', async () => {
    const gone = 'e'.repeat(64);
    const answers = {
      [LIST]: [200, [{ Id: ID }, { Id: gone }]],
      [`GET /containers/${ID}/json`]: [200, { Id: ID }],
      [`GET /containers/${gone}/json`]: [404, {}],
    } as const;
    assert.deepEqual(await listContainers(over(answers), 'home'), [{ Id: ID }]);
    assert.deepEqual(ran, []);
  });

  for (const [what, answers] of [
    ['ends', {}],
    ['answers with an error', { [LIST]: [500, {}] }],
    ['names what is no container', { [LIST]: [200, [{ Id: '../images/x' }]] }],
    ['tells nothing of a container', { [LIST]: [200, [{ Id: ID }]], [`GET /containers/${ID}/json`]: [500, {}] }],
  ] as const) {
    test(`a conversation that ${what} -> docker is called`, async () => {
      ran.length = 0;
      assert.deepEqual(await listContainers(over(answers), 'home'), [{ Id: ID, by: 'docker' }]);
      assert.equal(ran.length, 2);
    });
  }
});
