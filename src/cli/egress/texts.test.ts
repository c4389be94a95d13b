import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXIT } from '../../core/exit-code.ts';
import { explanationText } from './explain.ts';
import { tellUnchecked } from './gates.ts';
import { replayText } from './replay.ts';
import { changeText } from './set-rule.ts';
import { formatBytes } from './values.ts';

const io = (said: string[] = []) => ({ out: () => {}, talk: (text: string) => void said.push(text), colour: false, live: false });

test('tellUnchecked: nobody -> as it was; a host that does not answer -> said with its fix, exit 4', () => {
  const said: string[] = [];
  assert.equal(tellUnchecked(io(said), [], EXIT.findings), EXIT.findings);
  const unchecked = [{ host: 'nas', message: 'host nas is not reachable', cause: 'no route', fix: 'lobsterpot doctor' }];
  assert.equal(tellUnchecked(io(said), unchecked), EXIT.unreachable);
  assert.deepEqual(said, ['unchecked nas: host nas is not reachable\n  cause: no route\n  fix:   lobsterpot doctor\n']);
});

test('changeText: allowed for good -> how it is taken back; denied all the same -> said', () => {
  const rule = { host: 'a.test', port: 8443, client: 'node-nas' };
  assert.equal(
    changeText('allow', { rule, closed: 0, verdict: { allowed: true, reason: 'rule' } }),
    'allowed a.test:8443 --client node-nas until you take it back\ntake it back: lobsterpot egress forget a.test:8443 --client node-nas\n',
  );
  assert.match(
    changeText('allow', { rule, closed: 2, verdict: { allowed: false, reason: 'deny-rule', rule: 'a.test:8443 (lobsterpot.yaml)' } }),
    /; 2 open connections were ended\nit is still denied: deny-rule a\.test:8443 \(lobsterpot\.yaml\)\n/,
  );
});

test('replayText: nothing, and something -> counts and reasons', () => {
  assert.equal(replayText(io(), { attempts: 7, changed: [] }, 0), 'of 7 recorded attempts, all would be decided as they were\n');
  const changed = {
    host: 'a.test',
    port: 443,
    client: 'node-nas',
    count: 3,
    lastMs: 0,
    was: 'allowed',
    becomes: 'denied',
    verdict: { allowed: false, reason: 'no-rule' },
  } as const;
  assert.match(
    replayText(io(), { attempts: 7, changed: [changed] }, 5000),
    /^ {2}a\.test +node-nas +3 +allowed -> denied +last 5\.0 s ago +no-rule\n3 of 7 recorded attempts would be decided otherwise\n$/m,
  );
});

test('explanationText: seen and not seen -> who, how often, what to type', () => {
  const now = [{ client: 'node-nas', verdict: { allowed: false, reason: 'no-rule' } }] as const;
  assert.match(
    explanationText({ host: 'a.test', port: 443, now, seen: [], next: 'lobsterpot egress allow a.test' }, 0),
    /never asked for[^]*now +node-nas +denied +no-rule\nto change it: /,
  );
  const seen = [
    {
      host: 'a.test',
      port: 443,
      client: 'node-nas',
      allowed: 1,
      denied: 2,
      up: 10,
      down: 5000,
      firstMs: 0,
      lastMs: 60_000,
      reason: 'no-rule',
    },
  ] as const;
  assert.match(
    explanationText({ host: 'a.test', port: 443, now, seen }, 120_000),
    /1 allowed, 2 denied +since 2 min, last 60 s ago +10 B up, 5\.0 kB down[^]*no rule opens it/,
  );
});

const BYTES: readonly (readonly [bytes: number, text: string])[] = [
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [99_499, '99 kB'],
  [999_499, '999 kB'],
  [1_500_000, '1.5 MB'],
  [2e9, '2.0 GB'],
  [3e12, '3.0 TB'],
];
for (const [bytes, text] of BYTES) {
  test(`formatBytes: ${bytes} -> ${text}`, () => {
    assert.equal(formatBytes(bytes), text);
  });
}
