import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { suite, test } from 'node:test';

import fc from 'fast-check';

import { httpReader } from './http-answers.ts';

/** A stream that gives these bytes in pieces of that many, and then ends. */
function streamOf(text: string | Buffer, piece = 7): Duplex {
  const bytes = Buffer.from(text);
  let at = 0;
  return new Duplex({
    read() {
      this.push(at >= bytes.length ? null : bytes.subarray(at, (at += piece)));
    },
    write: (_chunk, _encoding, done) => done(),
  });
}

const HEAD = 'HTTP/1.1 200 OK\r\nServer: Docker/20.10\r\n';

suite('httpReader', () => {
  for (const [what, text, body] of [
    ['a length', `${HEAD}Content-Length: 5\r\n\r\nhello`, 'hello'],
    ['parts', `${HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n`, 'hello'],
    ['parts and trailers', `${HEAD}transfer-encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n`, 'hello'],
    ['nothing in it', `${HEAD}Content-Length: 0\r\n\r\n`, ''],
    ['no content by its status', 'HTTP/1.1 204 No Content\r\n\r\n', ''],
  ] as const) {
    test(`an answer with ${what}, and one after it -> both`, async () => {
      const reader = httpReader(streamOf(`${text}${HEAD}Content-Length: 4\r\n\r\nnext`));
      assert.equal((await reader.next()).body.toString(), body);
      assert.equal((await reader.next()).body.toString(), 'next');
    });
  }

  test('an answer to HEAD -> its headers, and nothing of the next one', async () => {
    const reader = httpReader(streamOf(`${HEAD}X-Told: a:b\r\nContent-Length: 900\r\n\r\n${HEAD}Content-Length: 1\r\n\r\nx`));
    const { headers, body } = await reader.next(true);
    assert.deepEqual([headers.get('x-told'), body.length], ['a:b', 0]);
    assert.equal((await reader.next()).body.toString(), 'x');
  });

  for (const [what, text] of [
    ['is no HTTP', 'SSH-2.0-x\r\n\r\n'],
    ['ends in its head', 'HTTP/1.1 200 OK\r\nServ'],
    ['ends in its body', `${HEAD}Content-Length: 9\r\n\r\nhello`],
    ['has no length', `${HEAD}\r\nhello`],
    ['has a length that is none', `${HEAD}Content-Length: -1\r\n\r\n`],
    ['has a length beyond all measure', `${HEAD}Content-Length: 99999999999\r\n\r\n`],
    ['has a part that is none', `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
    ['has a part that is longer than it says', `${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\nhello\r\n0\r\n\r\n`],
    ['has a part beyond all measure', `${HEAD}Transfer-Encoding: chunked\r\n\r\nffffffff\r\n`],
    ['has a head without an end', `HTTP/1.1 200 OK\r\n${'x'.repeat(70_000)}`],
  ] as const) {
    test(`an answer that ${what} -> refused`, () => assert.rejects(httpReader(streamOf(text, 4096)).next()));
  }

  test('any bytes in any pieces, as parts or with a length -> the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1 })),
        fc.boolean(),
        fc.integer({ min: 1, max: 50 }),
        async (parts, isChunked, piece) => {
          const body = Buffer.concat(parts);
          const text = isChunked
            ? Buffer.concat([
                Buffer.from(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`),
                ...parts.flatMap((one) => [Buffer.from(`${one.length.toString(16)}\r\n`), one, Buffer.from('\r\n')]),
                Buffer.from('0\r\n\r\n'),
              ])
            : Buffer.concat([Buffer.from(`${HEAD}Content-Length: ${body.length}\r\n\r\n`), body]);
          assert.deepEqual((await httpReader(streamOf(text, piece)).next()).body, body);
        },
      ),
    );
  });
});
