import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Admission } from './admission.ts';

test('Admission: any coming and going -> never over a limit, and all places come back', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean())), (steps) => {
      const admission = new Admission({ perClient: 2, connections: 4 });
      const inside: string[] = [];
      for (const [client, isComing] of steps) {
        const at = inside.indexOf(client);
        if (!isComing && at >= 0) admission.leave(inside.splice(at, 1)[0] ?? '');
        if (!isComing) continue;
        const mine = inside.filter((one) => one === client).length;
        const expected = mine >= 2 ? 'client-limit' : inside.length >= 4 ? 'total-limit' : 'entered';
        assert.equal(admission.enter(client), expected);
        if (expected === 'entered') inside.push(client);
      }
      assert.equal(admission.total, inside.length);
    }),
  );
});
