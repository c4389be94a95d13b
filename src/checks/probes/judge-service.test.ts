import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { containedResult } from '../testing/contained-results.ts';
import { testSubject } from '../testing/subject.ts';
import { PROBES } from './all-probes.ts';
import type { AttemptResult } from './attempt.ts';
import { attemptsOf, judgeService } from './judge-service.ts';
import type { Subject } from './subject.ts';

function contained(subject: Subject): Map<string, AttemptResult> {
  return new Map(Object.entries(attemptsOf(PROBES, subject)).map(([key, attempt]) => [key, containedResult(key, attempt)]));
}

const statusOf = (results: ReadonlyMap<string, AttemptResult>, id: string, subject = testSubject()): string | undefined =>
  judgeService(PROBES, subject, results).find(({ checkId }) => checkId === id)?.status;

describe('judgeService', () => {
  test('a contained service -> every probe passes, at least 25 of them, each with a message', () => {
    const findings = judgeService(PROBES, testSubject(), contained(testSubject()));
    assert.deepEqual(
      findings.filter(({ status }) => status !== 'pass').map(({ checkId, message }) => `${checkId}: ${message}`),
      [],
    );
    assert.ok(findings.length >= 45, String(findings.length));
    assert.ok(findings.every(({ message }) => message !== ''));
  });

  test('the script did not report -> everything is unknown, with the reason', () => {
    const findings = judgeService(PROBES, testSubject(), 'it did not start');
    assert.ok(findings.every(({ status, message }) => status === 'unknown' && message === 'it did not start'));
  });

  test('one attempt that a refusal was expected of succeeds -> exactly its probe fails, with a fix', () => {
    const subject = testSubject();
    const attempts = Object.entries(attemptsOf(PROBES, subject));
    const negative = attempts.filter(
      ([key, { kind }]) =>
        !key.startsWith('control#') &&
        !key.endsWith('#control') &&
        kind !== 'list' &&
        kind !== 'processes' &&
        kind !== 'search' &&
        kind !== 'own-loopback',
    );
    assert.ok(negative.length > 150, String(negative.length));
    for (const [key] of negative) {
      const results = contained(subject).set(key, { outcome: 'succeeded', detail: 'it worked', status: 200, body: '' });
      const failed = judgeService(PROBES, subject, results).filter(({ status }) => status !== 'pass');
      assert.deepEqual(
        failed.map(({ checkId, status }) => `${status} ${checkId}`),
        [`fail ${key.split('#')[0]}`],
        key,
      );
      assert.ok(failed[0]?.fix, key);
    }
  });

  test('secrets.held-elsewhere: its own secret and another -> fail; not even its own -> unknown; nothing of others to look for -> not tried', () => {
    const key = 'secrets.held-elsewhere#search';
    const found = (...names: readonly string[]) =>
      statusOf(contained(testSubject()).set(key, { outcome: 'succeeded', names }), 'secrets.held-elsewhere');
    const own = 'gateway-main-token in /secrets/gateway_token';
    assert.deepEqual([found(own), found(own, 'anthropic_api_key in /state/x'), found()], ['pass', 'fail', 'unknown']);
    const [first] = testSubject().secrets;
    assert.ok(first);
    const twice = new Map([first, ['the-same-by-another-name', first[1]] as const]);
    for (const secrets of [new Map([first]), twice]) assert.equal(Object.hasOwn(attemptsOf(PROBES, testSubject({ secrets })), key), false);
  });

  test('any result is missing or broken -> its probe does not pass', () => {
    const subject = testSubject();
    const keys = Object.keys(attemptsOf(PROBES, subject)).filter((key) => !key.startsWith('control#'));
    for (const key of keys) {
      const without = contained(subject);
      without.delete(key);
      assert.notEqual(statusOf(without, key.split('#')[0] ?? ''), 'pass', `missing ${key}`);
      assert.notEqual(statusOf(contained(subject).set(key, { outcome: 'broken' }), key.split('#')[0] ?? ''), 'pass', `broken ${key}`);
    }
  });

  const controls: readonly (readonly [control: string, probe: string])[] = [
    ['loopback', 'egress.direct-public'],
    ['gate', 'egress.denied-name'],
    ['config', 'host.read-only'],
    ['state', 'host.no-exec'],
    ['program', 'egress.raw-sockets'],
  ];
  for (const [control, probe] of controls) {
    test(`the control ${control} does not work -> ${probe} is unknown, though everything was refused`, () => {
      assert.equal(statusOf(contained(testSubject()).set(`control#${control}`, { outcome: 'refused', code: 'EPERM' }), probe), 'unknown');
    });
  }

  for (const [name, change] of [
    ['with a parent here', { PPid: '7' }],
    ['of another name', { name: 'sh' }],
  ] as const) {
    test(`host.syscall-filter: a process without the filter, put in from outside but ${name} -> fail`, () => {
      const results = contained(testSubject());
      const seen = results.get('host.syscall-filter#processes');
      const processes = seen?.processes?.map((one) =>
        one.pid === 29 ? { ...one, ...('name' in change ? change : { status: { ...one.status, ...change } }) } : one,
      );
      assert.ok(seen && processes);
      assert.equal(statusOf(results.set('host.syscall-filter#processes', { ...seen, processes }), 'host.syscall-filter'), 'fail');
    });
  }

  test('a fail stays a fail when the control is missing too', () => {
    const results = contained(testSubject()).set('control#loopback', { outcome: 'no-answer' });
    results.set('egress.direct-metadata#169.254.169.254:80', { outcome: 'succeeded' });
    assert.equal(statusOf(results, 'egress.direct-metadata'), 'fail');
  });

  test('any results at all -> never a pass for a probe with a result that is not a clear refusal', () => {
    const outcome = fc.constantFrom('succeeded', 'no-answer', 'broken');
    const keys = Object.keys(attemptsOf(PROBES, testSubject())).filter((key) => key.startsWith('egress.direct'));
    fc.assert(
      fc.property(fc.constantFrom(...keys), outcome, (key, how) => {
        assert.notEqual(statusOf(contained(testSubject()).set(key, { outcome: how }), key.split('#')[0] ?? ''), 'pass');
      }),
    );
  });
});

describe('direct probes', () => {
  const key = 'egress.direct-public#198.51.100.1:443';
  const cases: readonly (readonly [result: AttemptResult, status: string])[] = [
    [{ outcome: 'refused', code: 'ENETUNREACH' }, 'pass'],
    [{ outcome: 'refused', code: 'EPERM' }, 'pass'],
    [{ outcome: 'refused', code: 'ECONNREFUSED' }, 'fail'],
    [{ outcome: 'refused', code: 'ECONNRESET' }, 'fail'],
    [{ outcome: 'refused', code: 'EHOSTUNREACH' }, 'fail'],
    [{ outcome: 'no-answer' }, 'fail'],
    [{ outcome: 'broken' }, 'unknown'],
  ];
  for (const [result, status] of cases) {
    test(`${result.code ?? result.outcome} -> ${status}`, () =>
      assert.equal(statusOf(contained(testSubject()).set(key, result), 'egress.direct-public'), status));
  }
});

describe('gate probes', () => {
  const key = `egress.denied-name#CONNECT lpcanary.lobsterpot.invalid:443`;
  const cases: readonly (readonly [result: AttemptResult, status: string])[] = [
    [{ outcome: 'refused', code: '403', status: 403 }, 'pass'],
    // It was let through, and only the name did not exist.
    [{ outcome: 'refused', code: '502', status: 502 }, 'fail'],
    [{ outcome: 'refused', code: '503', status: 503 }, 'unknown'],
    [{ outcome: 'refused', code: 'closed' }, 'unknown'],
    [{ outcome: 'no-answer' }, 'unknown'],
  ];
  for (const [result, status] of cases) {
    test(`${result.code ?? result.outcome} -> ${status}`, () =>
      assert.equal(statusOf(contained(testSubject()).set(key, result), 'egress.denied-name'), status));
  }

  test('what the policy allows is not tried as forbidden', () => {
    const open = testSubject({
      policy: {
        ...testSubject().policy,
        allow: [
          { host: '*.anthropic.com', port: 443, source: 'test' },
          { host: 'api.anthropic.com', port: 443, source: 'test' },
          { host: 'api.anthropic.com', port: 8443, source: 'test' },
        ],
      },
    });
    const keys = Object.keys(attemptsOf(PROBES, open));
    assert.ok(!keys.some((one) => one.startsWith('egress.other-sub-domain#') && one.includes('.anthropic.com')));
    assert.ok(!keys.includes('egress.other-ports#CONNECT api.anthropic.com:8443'));
    assert.ok(keys.includes('egress.other-ports#CONNECT api.anthropic.com:22'));
  });

  test('no allowed name -> nothing about tunnels is claimed', () => {
    const closed = testSubject({ policy: { ...testSubject().policy, allow: [] } });
    assert.equal(
      judgeService(PROBES, closed, contained(closed)).some(({ checkId }) => checkId === 'egress.sni-mismatch'),
      false,
    );
  });
});

describe('tunnel probes', () => {
  const change = (key: string, result: AttemptResult): Map<string, AttemptResult> => contained(testSubject()).set(key, result);
  const cases: readonly (readonly [name: string, results: ReadonlyMap<string, AttemptResult>, id: string, status: string])[] = [
    [
      'the allowed name is not reached',
      change('egress.sni-mismatch#control', { outcome: 'refused', status: 502 }),
      'egress.sni-mismatch',
      'unknown',
    ],
    [
      'another alert',
      change('egress.sni-mismatch#another name', { outcome: 'refused', status: 200, code: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE' }),
      'egress.sni-mismatch',
      'fail',
    ],
    [
      'closed without a word',
      change('egress.sni-missing#no name', { outcome: 'refused', status: 200, code: 'closed' }),
      'egress.sni-missing',
      'pass',
    ],
    [
      "the gate's alert as bytes",
      change('egress.not-tls#a web request', { outcome: 'succeeded', status: 200, body: '\u0015\u0003\u0003\u0000\u0002\u0002\u0070' }),
      'egress.not-tls',
      'pass',
    ],
    [
      "the gate's alert and more",
      change('egress.not-tls#a web request', { outcome: 'succeeded', status: 200, body: '\u0015\u0003\u0003\u0000\u0002\u0002\u0070x' }),
      'egress.not-tls',
      'fail',
    ],
    [
      'no internet',
      change('egress.allowed-name#control', { outcome: 'refused', status: 502, body: '{"reason":"unresolvable"}' }),
      'egress.allowed-name',
      'unknown',
    ],
    [
      'a wrong certificate',
      change('egress.allowed-name#control', { outcome: 'refused', status: 200, code: 'SELF_SIGNED_CERT_IN_CHAIN' }),
      'egress.allowed-name',
      'fail',
    ],
    [
      'refused by policy',
      change('egress.allowed-name#control', { outcome: 'refused', status: 403, body: '{"reason":"no-rule"}' }),
      'egress.allowed-name',
      'fail',
    ],
  ];
  for (const [name, results, id, status] of cases) test(`${id}: ${name} -> ${status}`, () => assert.equal(statusOf(results, id), status));
});
