import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import fc from 'fast-check';

import { LogRate } from './log-rate.ts';

const text = (parts: readonly Buffer[]): string => Buffer.concat([...parts]).toString('latin1');

suite('LogRate', () => {
  test('within the burst -> all of it, nothing is said', () => {
    const rate = new LogRate(0, 100, 10);
    assert.equal(text(rate.admit(Buffer.from('a\n'.repeat(50)), 0)), 'a\n'.repeat(50));
    assert.equal(rate.dropping, false);
  });

  test('beyond it -> dropped until a second’s worth is there, then one line and the last words', () => {
    const rate = new LogRate(0, 100, 50);
    assert.equal(text(rate.admit(Buffer.from('x'.repeat(130)), 0)), 'x'.repeat(100));
    assert.equal(text(rate.admit(Buffer.from(`${'y'.repeat(5000)}\nthe end\n`), 500)), '');
    assert.equal(text(rate.settle(900)), '');
    assert.equal(text(rate.settle(1000)), '\nlobsterpot: 5031 bytes dropped\nthe end\n');
    assert.equal(rate.dropping, false);
    assert.equal(text(rate.settle(1001)), '');
  });

  test('the end -> what was missed is told at once; nothing is missing -> nothing is said', () => {
    const rate = new LogRate(0, 10, 10);
    assert.equal(text(rate.admit(Buffer.from('0123456789abc\n'), 0)), '0123456789');
    assert.equal(text(rate.settle(1, true)), 'abc\n');
  });

  test('many small chunks -> the same rate as one large', () => {
    const rate = new LogRate(0, 100, 1000);
    let wrote = 0;
    for (let now = 0; now < 1000; now += 0.01) {
      for (const part of rate.admit(Buffer.from('x'), now)) wrote += part.length;
    }
    assert.ok(wrote > 900 && wrote <= 100 + 1000 + 2000, String(wrote));
  });

  test('any chunks at any times -> never more than burst, rate and notices; written and dropped add up', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(400), fc.nat(3000)), { maxLength: 60 }), (chunks) => {
        const rate = new LogRate(0, 1000, 100);
        let [now, came, wrote, notices, dropped] = [0, 0, 0, 0, 0];
        const count = (parts: readonly Buffer[]): void => {
          for (const part of parts) {
            const found = /^\n?lobsterpot: (\d+) bytes dropped\n$/.exec(part.toString());
            if (found) [notices, dropped] = [notices + 1, dropped + Number(found[1])];
            else wrote += part.length;
          }
        };
        for (const [length, pause] of chunks) {
          now += pause;
          came += length;
          count(rate.admit(Buffer.alloc(length, 'z'), now));
        }
        assert.ok(wrote <= 1000 + now / 10 + 2000, `${wrote} in ${now}`);
        assert.ok(notices <= now / 1000);
        count(rate.settle(now, true));
        assert.equal(wrote + dropped, came);
      }),
    );
  });
});
