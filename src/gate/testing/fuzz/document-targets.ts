import { isIP } from 'node:net';
import fc from 'fast-check';
import { isRecord } from '../../../core/json.ts';
import { parseOverrides, renderOverrides, withOverrides } from '../../../policy/overrides.ts';
import { parsePolicy, policyDigest, renderPolicy } from '../../../policy/policy-file.ts';
import { normaliseHost } from '../../../policy/target.ts';
import { parseControlRequest } from '../../control-request.ts';
import { parseSettings } from '../../settings.ts';
import { type FuzzTarget, fuzzTarget, must } from './fuzz-target.ts';
import { mutated, ruleHost } from './pieces.ts';

const oddValue = fc.oneof(
  fc.constantFrom(undefined, null, '', 0, -1, 1.5, 443, 65_536, 2 ** 53, 1e308, true, [], {}, 'enforce', 'allow', '__proto__'),
  fc.jsonValue({ maxDepth: 2 }),
);

/** A document whose values are now and then something else, then perhaps damaged as a text. */
function documents(good: fc.Arbitrary<object>): fc.Arbitrary<string> {
  const key = fc.constantFrom(
    'version',
    'rules',
    'allow',
    'deny',
    'mode',
    'op',
    'host',
    'port',
    'by',
    'id',
    'forMs',
    'listeners',
    '__proto__',
    'constructor',
    'new',
  );
  const odd = fc.tuple(good, fc.option(fc.tuple(key, oddValue), { nil: undefined })).map(([document, change]) => {
    const entries = Object.entries(document);
    return JSON.stringify(change ? Object.fromEntries([...entries, change]) : document);
  });
  const deep = fc.nat(20_000).map((depth) => `{"op":${'['.repeat(depth)}${']'.repeat(depth)}}`);
  const damaged = mutated(odd.map((text) => Buffer.from(text))).map((bytes) => bytes.toString());
  return fc.oneof({ weight: 6, arbitrary: odd }, { weight: 3, arbitrary: damaged }, { weight: 1, arbitrary: deep });
}

const place = {
  host: ruleHost,
  port: fc.oneof(fc.constantFrom(443, 80), fc.integer()),
  client: fc.constantFrom(undefined, 'a', ''),
  until: fc.constantFrom(undefined, 0, 5000, -1),
};
const rule = fc.record({ ...place, source: fc.constantFrom('lobsterpot.yaml', '') });
const policies = fc.record({
  version: fc.constant(1),
  deployment: fc.constantFrom('home', ''),
  mode: fc.constantFrom('enforce', 'report'),
  allow: fc.array(rule, { maxLength: 2 }),
  deny: fc.array(rule, { maxLength: 1 }),
});
const overrides = fc.record({
  version: fc.constant(1),
  rules: fc.array(
    fc.record({
      ...place,
      verdict: fc.constantFrom('allow', 'deny'),
      by: fc.string(),
      atMs: fc.oneof(fc.constantFrom(0, 8.64e15, 8.65e15, -9e15), fc.double()),
    }),
    { maxLength: 3 },
  ),
});
const requests = fc.record({
  op: fc.constantFrom('status', 'pending', 'reload', 'test', 'proof', 'close', 'constructor'),
  by: fc.option(fc.string(), { nil: undefined }),
  change: fc.option(fc.string(), { nil: undefined }),
  host: fc.option(ruleHost, { nil: undefined }),
  port: fc.option(fc.integer(), { nil: undefined }),
  client: fc.option(fc.string(), { nil: undefined }),
  id: fc.option(fc.integer(), { nil: undefined }),
  forMs: fc.option(fc.double(), { nil: undefined }),
});
const settings = fc.record({
  version: fc.constant(1),
  listeners: fc.array(
    fc.record(
      {
        fd: fc.integer({ min: 0, max: 9 }),
        path: fc.oneof(fc.constant('/run/x.sock'), fc.string()),
        host: fc.oneof(fc.constantFrom('10.0.0.1', '0.0.0.0', '::', '::ffff:0:0', 'fe80::1%eth0', '0', '[::1]'), fc.ipV4(), fc.ipV6()),
        port: fc.oneof(fc.constantFrom(0, 3128, 65_536), fc.double()),
        kind: fc.constantFrom('control', 'egress'),
        client: fc.constantFrom('a', ''),
      },
      { requiredKeys: ['kind'] },
    ),
    { maxLength: 2 },
  ),
  policyFile: fc.constant('p'),
  overridesFile: fc.constant('o'),
  trail: fc.record({ folder: fc.constant('t'), fileBytes: fc.integer() }),
  limits: fc.dictionary(fc.constantFrom('headBytes', 'idleMs', 'constructor'), fc.oneof(fc.constantFrom(0, 1, 2 ** 31), fc.integer()), {
    maxKeys: 2,
  }),
});

function checkPolicy(text: string): void {
  const policy = parsePolicy(text);
  if ('invalid' in policy) return;
  const again = parsePolicy(renderPolicy(policy));
  must(!('invalid' in again) && policyDigest(again) === policyDigest(policy), 'written and read again it is another policy');
  for (const { host, port } of [...policy.allow, ...policy.deny]) {
    const bare = host.startsWith('*.') ? host.slice(2) : host;
    const normal = normaliseHost(bare);
    must(!('refused' in normal) && normal.host === bare, 'a rule that no target can ever be equal to');
    must(Number.isInteger(port) && port >= 1 && port <= 65_535, 'a rule for no port');
  }
}

function checkOverrides(text: string): void {
  const said = parseOverrides(text);
  if ('invalid' in said) return;
  must(renderOverrides(said) === renderOverrides(readBack(said)), 'written and read again they are others');
  const base = { version: 1, deployment: 'x', mode: 'enforce', allow: [], deny: [] } as const;
  const { allow, deny } = withOverrides(base, said, 1000);
  must(
    allow.length + deny.length <= said.rules.length && deny.every((one) => one.until === undefined || one.until > 1000),
    'a rule that has ended',
  );
}

function readBack(said: Parameters<typeof renderOverrides>[0]): Parameters<typeof renderOverrides>[0] {
  const again = parseOverrides(renderOverrides(said));
  if ('invalid' in again) throw new Error(`written and read again they are invalid: ${again.invalid}`);
  return again;
}

function checkControl(line: string): void {
  const request = parseControlRequest(line);
  if ('invalid' in request) return must(request.invalid.length < 500, 'an error longer than a line');
  const given: unknown = JSON.parse(line);
  must(isRecord(given) && given['op'] === request.op, 'another request than was asked');
}

function checkSettings(text: string): void {
  const read = parseSettings(text);
  if ('invalid' in read) return;
  must(
    Object.values(read.limits).every((limit) => Number.isInteger(limit) && limit > 0),
    'a limit that limits nothing',
  );
  must(
    read.listeners.every((one) => !('fd' in one) || one.fd >= 3),
    'a listener on a standard stream',
  );
  for (const one of read.listeners) {
    if (!('host' in one)) continue;
    must(one.kind === 'egress' && isIP(one.host) !== 0, 'a control socket on a network, or a listener on a name');
    // As a browser reads it: another reader than the one that is tried.
    const plain = new URL(`http://${one.host.includes(':') ? `[${one.host}]` : one.host}/`).hostname;
    must(!['0.0.0.0', '[::]', '[::ffff:0:0]'].includes(plain), 'a listener on every address');
  }
}

/** Files and lines of JSON: policy, overrides, settings, control requests. */
export const documentTargets: readonly FuzzTarget[] = [
  fuzzTarget('policy-file', 5, documents(policies), checkPolicy),
  fuzzTarget('overrides-file', 3, documents(overrides), checkOverrides),
  fuzzTarget('control', 5, documents(requests), checkControl),
  fuzzTarget('settings', 2, documents(settings), checkSettings),
];
