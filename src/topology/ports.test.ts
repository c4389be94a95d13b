import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { assignPorts, checkPorts } from './ports.ts';

const gateways = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^[a-z]{1,4}$/),
    host: fc.constantFrom('a', 'b'),
    port: fc.option(fc.constantFrom(18_789, 18_989, 19_189, 4000), { nil: undefined }),
  }),
  { selector: (one) => one.name, maxLength: 8 },
);

suite('assignPorts', () => {
  test('a written port is kept, and a gateway added at the end moves no other', () => {
    fc.assert(
      fc.property(gateways, (all) => {
        const ports = assignPorts(all);
        for (const one of all) if (one.port !== undefined) assert.equal(ports.get(one.name), one.port);
        const fewer = assignPorts(all.slice(0, -1));
        for (const [name, port] of fewer) assert.equal(ports.get(name), port);
      }),
    );
  });

  test('checkPorts says nothing exactly when no two gateways of a host share a port', () => {
    fc.assert(
      fc.property(gateways, (all) => {
        const ports = assignPorts(all);
        const places = new Set(all.map((one) => `${one.host} ${ports.get(one.name)}`));
        assert.equal(checkPorts(all).length, all.length - places.size);
      }),
    );
  });
});
