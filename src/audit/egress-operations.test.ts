import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../core/problem.ts';
import type { GateAnswer } from '../policy/gate-protocol.ts';
import { parseControlRequest } from './testing/control-request.ts';
import { type EgressPlace, describePlace, explainEgress, listOverrides, override, takeBack } from './egress-operations.ts';

const rule = { verdict: 'allow', host: 'api.test', port: 443, by: 'ann', atMs: 1000 } as const;

function fake(start?: string): { readonly place: EgressPlace; readonly asked: string[]; readonly file: () => string | undefined } {
  let file = start;
  const asked: string[] = [];
  const answer = (line: string): GateAnswer => {
    const { op, host, port } = parseControlRequest(line);
    if (op === 'reload') return { ok: true, op: 'reload', closed: 2 };
    if (op === 'test')
      return {
        ok: true,
        op: 'test',
        host,
        port,
        verdict: file?.includes('"allow"') ? { allowed: true, reason: 'rule' } : { allowed: false, reason: 'no-rule' },
      };
    return { ok: false, error: 'unexpected' };
  };
  const place: EgressPlace = {
    trailFolder: async () => '/nonexistent/trail',
    ask: async (line) => {
      asked.push(line);
      return JSON.stringify(answer(line));
    },
    readOverrides: async () => file,
    writeOverrides: async (text) => {
      file = text;
    },
  };
  return { place, asked, file: () => file };
}

test('override: allow for a time -> written, applied under the operator’s name, tested', async () => {
  const { place, asked } = fake();
  const change = await override(place, { ...rule, until: 5000 });
  assert.deepEqual(change, { rule: { host: 'api.test', port: 443, until: 5000 }, closed: 2, verdict: { allowed: true, reason: 'rule' } });
  assert.match(asked[0] ?? '', /"by":"ann","change":"allow api\.test until 1970-01-01T00:00:05\.000Z"/);
  assert.deepEqual((await listOverrides(place, 4999)).length, 1);
  assert.deepEqual((await listOverrides(place, 5000)).length, 0);
});

test('takeBack: a rule that stands -> gone; one that does not -> a Problem', async () => {
  const { place } = fake();
  await override(place, rule);
  await takeBack(place, rule, 2000);
  assert.deepEqual(await listOverrides(place, 2000), []);
  await assert.rejects(takeBack(place, rule, 2000), (error) => error instanceof Problem && error.code === 'audit/no-override');
});

test('override: a broken file -> a Problem, and the file stays as it is', async () => {
  const { place, file } = fake('{');
  await assert.rejects(override(place, rule), (error) => error instanceof Problem && error.code === 'audit/overrides');
  assert.equal(file(), '{');
});

test('override: the gate is silent -> a Problem with what to do', async () => {
  const { place } = fake();
  const silent: EgressPlace = { ...place, ask: () => Promise.reject(new Error('connect ENOENT')) };
  await assert.rejects(
    override(silent, rule),
    (error) => error instanceof Problem && error.code === 'audit/gate-silent' && error.why.includes('ENOENT'),
  );
});

test('explainEgress: a denied host -> who gets what, and what to type', async () => {
  const { place } = fake();
  const explained = await explainEgress(place, { host: 'api.test', port: 443, clients: ['gateway-main'] }, async () => []);
  assert.deepEqual(explained, {
    host: 'api.test',
    port: 443,
    now: [{ client: 'gateway-main', verdict: { allowed: false, reason: 'no-rule' } }],
    seen: [],
    next: 'lobsterpot egress allow api.test --for 10m',
  });
});

const PLACES = {
  "'[2001:db8::1]'": '2001:db8::1 443',
  "'*.a.test:80'": '*.a.test 80',
  'a.test': 'a.test 443',
  'a.test:8443': 'a.test 8443',
};

for (const [expected, given] of Object.entries(PLACES)) {
  test(`describePlace: ${given} -> ${expected}`, () => {
    const [host = '', port] = given.split(' ');
    assert.equal(describePlace({ host, port: Number(port) }), expected);
  });
}
