import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { gatewaySecrets } from '../../topology/channels.ts';
import { EXAMPLE_ANSWERS, type Key, KEYS, numbersOf, TOPOLOGIES } from './answers.ts';
import { draft, judged } from './judge.ts';
import { EXAMPLES } from './testing/examples.ts';

const PLACE = { docker: false, port: 18_789 };

const CASES: readonly (readonly [key: Key, typed: string, kept: string | RegExp])[] = [
  ['topology', '2', 'one-cluster'],
  ['topology', 'two', 'two-gateways'],
  ['topology', '4', /one of this-machine, one-cluster, two-gateways/],
  ['other', 'admin@nas.local', 'admin@nas.local'],
  ['other', ' ssh://pi:2222 ', 'ssh://pi:2222'],
  ['other', 'a b', /names no host/],
  ['other', '-oProxyCommand=x', /names no host/],
  ['other', 'me:password@nas', /a password has no place/],
  ['dir', '-', '-'],
  ['dir', '/', /the whole host/],
  ['dir', 'openclaw', /does not begin with \//],
  ['account', '-x', /no name of an account/],
  ['account', '', /the name of an account/],
  ['address', '127.0.0.1', /is nas itself/],
  ['address', '', /a host name or an address/],
  ['provider', 'g', 'google'],
  ['provider', 'open', /one of anthropic, openai/],
  ['model', 'two words', /without spaces/],
  ['telegram', 'none', 'none'],
  ['telegram', '12, 34', '12, 34'],
  ['telegram', '@me', /not a @name/],
  ['telegram', 'sk-ant-planted-0123456789', /^(?!.*planted)/],
  ['credentials', 'f', 'file'],
  ['level', '3', 'open'],
  ['level', '', /one of locked/],
  ['report', 'Y', 'yes'],
  ['name', 'Home', /a lower-case letter/],
  ['name', 'home\nimage: evil', /a lower-case letter/],
];
for (const [key, typed, kept] of CASES) {
  test(`judged: ${key} ${JSON.stringify(typed)} -> ${typeof kept === 'string' ? `kept as ${kept}` : 'not taken, and why'}`, () => {
    const result = judged(EXAMPLES, {}, key, typed, PLACE);
    if (typeof kept === 'string') assert.deepEqual(result, { value: kept });
    else assert.match('reason' in result ? result.reason : 'it was taken', kept);
  });
}

test('judged: any text as any answer -> refused, or a file that says this and nothing else beside', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('x\nimage: evil', 'a: b', '#', '"', '*a', '&a b', '!!js x', '{', '$&', 'a@b\n  evil: {}', '\u2028', '\r', '- x', '? y'),
  );
  fc.assert(
    fc.property(fc.constantFrom(...KEYS), fc.constantFrom(...TOPOLOGIES), hostile, (key, topology, typed) => {
      const result = judged(EXAMPLES, key === 'topology' ? {} : { topology }, key, typed, PLACE);
      if ('reason' in result) return assert.notEqual(result.reason, '');
      const answers = { ...EXAMPLE_ANSWERS, topology, [key]: result.value };
      const { deployment } = draft(EXAMPLES, answers, PLACE);
      const plain = draft(EXAMPLES, { ...EXAMPLE_ANSWERS, topology: answers.topology, telegram: answers.telegram }, PLACE).deployment;
      assert.equal(deployment.image, plain.image);
      assert.deepEqual(
        [deployment.hosts.length, deployment.gateways.length, deployment.nodes.length],
        [plain.hosts.length, plain.gateways.length, plain.nodes.length],
      );
      assert.equal(deployment.name, answers.name);
      for (const one of deployment.gateways) {
        assert.equal(one.model?.id, answers.model);
        assert.deepEqual(one.channels?.telegram?.allowFrom ?? [], numbersOf(answers));
        assert.ok(gatewaySecrets(one).every((name) => /^[a-z_]+$/.test(name)));
      }
      return undefined;
    }),
    { numRuns: 200 },
  );
});
