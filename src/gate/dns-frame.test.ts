import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LONGEST_MESSAGE, dnsFrame, isDnsFrame, readDnsFrame } from './dns-frame.ts';
import { readHead } from './http-head.ts';

test('readDnsFrame: any messages in a row -> each again, and only when it is whole', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: LONGEST_MESSAGE }), { minLength: 1, maxLength: 4 }), (messages) => {
      let rest = Buffer.concat(messages.map((one) => dnsFrame(Buffer.from(one))));
      for (const message of messages) {
        assert.equal(readDnsFrame(rest.subarray(0, message.length + 1)), undefined);
        const frame = readDnsFrame(rest);
        assert.ok(frame && 'message' in frame);
        assert.deepEqual(frame.message, Buffer.from(message));
        rest = rest.subarray(frame.length);
      }
      assert.equal(rest.length, 0);
    }),
  );
});

test('readDnsFrame: longer than a question can be -> refused before its bytes are waited for', () => {
  const read = readDnsFrame(Buffer.from([0x04, 0x00]));
  assert.ok(read && 'refused' in read);
});

test('isDnsFrame: what begins a frame -> never what a request could begin with', () => {
  for (let first = 0; first < 256; first += 1) {
    const bytes = Buffer.from([first, 0x20]);
    if (!isDnsFrame(bytes)) continue;
    const head = readHead(bytes);
    assert.ok(head && 'refused' in head, `byte ${first}`);
  }
  assert.equal(isDnsFrame(Buffer.alloc(0)), false);
  // A TLS client that was pointed at the proxy by mistake.
  assert.equal(isDnsFrame(Buffer.from([0x16, 3, 1])), false);
});
