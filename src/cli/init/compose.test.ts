import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compile } from '../../services/compile.ts';
import { gatewaySecrets } from '../../topology/channels.ts';
import type { Deployment } from '../../topology/deployment.ts';
import { parseText } from '../../topology/testing/parse-text.ts';
import { type Answers, EXAMPLE_ANSWERS, numbersOf, TOPOLOGIES, type Topology } from './answers.ts';
import { compose } from './compose.ts';
import { EXAMPLES } from './testing/examples.ts';

const PLACE = { docker: false, port: 18_789 };

const digits = fc.integer({ min: 1, max: 9_999_999_999 }).map(String);
const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);

/** Everything that the loader takes, in all combinations. */
const answers: fc.Arbitrary<Answers> = fc.record({
  topology: fc.constantFrom(...TOPOLOGIES),
  other: fc.oneof(
    label,
    fc.tuple(label, label).map(([user, host]) => `${user}@${host}.local`),
    fc.constantFrom(
      'ssh://pi',
      'a@192.0.2.7:2222',
      'a@[2001:db8::7]',
      'admin@nas.local',
      'main',
      'gate',
      'NAS.local',
      'nas-2.test',
      '9.test',
    ),
  ),
  dir: fc.constantFrom('/volume1/docker/openclaw', '/srv/a folder/lobsterpot', '-', ''),
  account: fc.constantFrom('me', 'root', 'a.b', '1', 'null', 'true'),
  address: fc.constantFrom('192.168.1.10', '2001:db8::1', 'mac.example.com'),
  provider: fc.constantFrom('anthropic', 'openai', 'openrouter', 'google'),
  model: fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,20}$/),
    fc.constantFrom('1', '1.0', '1e3', 'null', 'true', '0x1', '12:30'),
  ),
  telegram: fc.oneof(
    fc.constantFrom('', 'none'),
    fc.array(digits, { minLength: 1, maxLength: 3 }).map((all) => all.join(', ')),
  ),
  credentials: fc.constantFrom('route', 'file'),
  level: fc.constantFrom('locked', 'balanced', 'open'),
  report: fc.constantFrom('yes', 'no'),
  name: fc.oneof(label, fc.constantFrom('true', 'null', 'home', 'no')),
});

test('compose: all answers that are possible -> a file that loads, compiles, and says what was answered and nothing else', () => {
  fc.assert(
    fc.property(answers, fc.boolean(), fc.constantFrom(18_789, 18_989, 19_189), (given, docker, port) => {
      const text = compose(EXAMPLES, given, { docker, port });
      const deployment = parseText(text);
      keeps(deployment, given, docker);
      const services = compile(deployment, {
        gateBundle: '',
        presentSecrets: new Set(deployment.gateways.flatMap(gatewaySecrets)),
        deviceIds: new Map(),
      });
      const gates = services.filter(({ role }) => role === 'gate').map(({ host }) => host);
      assert.deepEqual(
        gates,
        deployment.hosts.map(({ name }) => name),
      );
      assert.doesNotMatch(text, /Mac mini|(?:the|a) NAS\b|mac-mini|\$schema|npm start|\n\n\n|[^\n]$/);
      assert.equal(compose(EXAMPLES, given, { docker, port }), text);
      assert.deepEqual(
        deployment.gateways.map((one) => one.port),
        [port, port + 200].slice(0, deployment.gateways.length),
      );
    }),
    { numRuns: 100 },
  );
});

function keeps(deployment: Deployment, given: Answers, docker: boolean): void {
  const { hosts, gateways, nodes, egress } = deployment;
  assert.equal(deployment.name, given.name);
  assert.deepEqual([hosts.length, gateways.length, nodes.length], COUNTS[shape(given)]);
  const numbers = numbersOf(given);
  for (const one of gateways) {
    assert.deepEqual([one.model?.provider, one.model?.id, one.credentials], [given.provider, given.model, given.credentials]);
    assert.deepEqual(one.channels?.telegram?.allowFrom ?? [], numbers);
    assert.equal(one.runtime, shape(given) === 'this-machine' && !docker ? 'process' : 'docker');
    assert.equal(one.budget, undefined);
  }
  assert.equal(new Set(gateways.flatMap(gatewaySecrets)).size, gateways.length * (numbers.length === 0 ? 1 : 2));
  const [other] = hosts.slice(1);
  if (other) {
    assert.equal(other.connect.kind, 'ssh');
    assert.equal(other.dir, given.dir === '-' || given.dir === '' ? undefined : given.dir);
  }
  for (const one of nodes) {
    assert.deepEqual(one.exec, [{ path: '/usr/bin/uname', args: '^-n$' }]);
    assert.deepEqual(one.volumes, []);
    if (other) assert.deepEqual([one.link?.user, one.link?.address], [given.account, given.address]);
  }
  assert.equal(egress.mode, given.report === 'yes' || given.level === 'open' ? 'report' : 'enforce');
  const own = egress.allow.filter(({ source }) => source === 'lobsterpot.yaml');
  assert.deepEqual([own, egress.deny], [[], []]);
  assert.equal(
    egress.allow.some(({ source }) => source === 'level balanced'),
    given.level === 'balanced',
  );
}

const COUNTS: Readonly<Record<Topology, readonly number[]>> = {
  'this-machine': [1, 1, 1],
  'one-cluster': [2, 1, 1],
  'two-gateways': [2, 2, 0],
};

function shape({ topology }: Answers): Topology {
  return TOPOLOGIES.find((one) => one === topology) ?? 'this-machine';
}

test('compose: the answers of the example of this machine -> that example, but for what is about npm start and the schema', () => {
  const lines = (text: string): readonly string[] => text.split('\n');
  const written = lines(compose(EXAMPLES, EXAMPLE_ANSWERS, PLACE));
  const missing = lines(EXAMPLES['this-machine']).filter((line) => !written.includes(line));
  assert.deepEqual(
    missing.map((line) => line.slice(0, 24)),
    ['# yaml-language-server: ', '#   npm start           '],
  );
  assert.deepEqual(
    written.filter((line) => !lines(EXAMPLES['this-machine']).includes(line)),
    [],
  );
});

test('compose: a schema beside the file -> the line that an editor reads, with it', () => {
  const text = compose(EXAMPLES, EXAMPLE_ANSWERS, { ...PLACE, schema: './lobsterpot.schema.json' });
  assert.match(text, /^# yaml-language-server: \$schema=\.\/lobsterpot\.schema\.json\n#\n# OpenClaw/);
});

const PARTS: readonly (readonly [what: string, given: Partial<Answers>, has: readonly RegExp[], hasNot: readonly RegExp[]])[] = [
  ['a bot', { telegram: '7' }, [/^ {4}channels:$/m, /^ {8}allowFrom: \[ "7" \]$/m], [/# channels:/]],
  ['no bot', {}, [/# channels:/], [/^ {4}channels:$/m]],
  ['report mode', { report: 'yes' }, [/written down.*\n {2}mode: report$/m], [/# mode:/]],
  [
    'two hosts',
    { topology: 'one-cluster', other: 'bob@pi:2222' },
    [/exec pi --/, /`ssh -p 2222 bob@pi` must/, /^ {4}# volumes:$/m],
    [/\bnas\b/],
  ],
  [
    'two instances without a bot',
    { topology: 'two-gateways' },
    [/set family_anthropic_key/, /client: work/],
    [/telegram_token/, /client: main/],
  ],
];
for (const [what, given, has, hasNot] of PARTS) {
  test(`compose: ${what} -> its lines and words, and no others`, () => {
    const text = compose(EXAMPLES, { ...EXAMPLE_ANSWERS, ...given }, PLACE);
    for (const pattern of has) assert.match(text, pattern);
    for (const pattern of hasNot) assert.doesNotMatch(text, pattern);
  });
}
