import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { execPolicyDocument, ruleAllows, ruleFault, type ExecRule } from './exec-policy.ts';

test('execPolicyDocument: rules -> the enforcing document', () => {
  const document: unknown = JSON.parse(
    execPolicyDocument([{ path: '/usr/bin/uname', args: '^-n$' }, { path: '/usr/bin/id' }, { path: '/usr/bin/true', args: '' }]),
  );
  assert.deepEqual(document, {
    version: 1,
    defaults: { security: 'allowlist', ask: 'off', askFallback: 'deny', autoAllowSkills: false },
    agents: {
      '*': {
        allowlist: [
          { pattern: '/usr/bin/uname', argPattern: '^-n$' },
          { pattern: '/usr/bin/id' },
          { pattern: '/usr/bin/true', argPattern: '^$' },
        ],
      },
    },
  });
});

test('execPolicyDocument: no rules -> an empty allow-list, which allows nothing', () => {
  assert.match(execPolicyDocument([]), /"allowlist": \[\]/);
});

const FAULTS: readonly (readonly [ExecRule, boolean])[] = [
  [{ path: '/usr/bin/uname' }, false],
  [{ path: '/usr/bin/run-parts', args: '^/etc/jobs$' }, false],
  [{ path: '/opt/my tools/x' }, false],
  [{ path: 'uname' }, true],
  [{ path: './uname' }, true],
  [{ path: '~/bin/x' }, true],
  [{ path: '/home/~x' }, true],
  [{ path: '/usr/bin/*' }, true],
  [{ path: '/usr/bin/una?e' }, true],
  [{ path: '/usr/bin/{a,b}' }, true],
  [{ path: '/usr/bin/uname ' }, true],
  [{ path: '/usr/bin/' }, true],
  [{ path: '/' }, true],
  [{ path: '/usr//bin/x' }, true],
  [{ path: '/usr/../bin/x' }, true],
  [{ path: '/usr/bin/x', args: '(' }, true],
  [{ path: '/usr/bin/x', args: 'a\0b' }, true],
  [{ path: '/usr/bin/x', args: 'sha256:cwd-argv:v1:00' }, true],
  [{ path: '' }, true],
];

for (const [rule, faulty] of FAULTS) {
  test(`ruleFault: ${JSON.stringify(rule)} -> ${faulty ? 'refused' : 'fine'}`, () => {
    assert.equal(ruleFault(rule) !== undefined, faulty);
    if (faulty) assert.throws(() => execPolicyDocument([rule]), { code: 'openclaw/exec-rule' });
  });
}

test('ruleFault: any text -> a verdict, and a fine rule is written as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.option(fc.string({ unit: 'binary' }), { nil: undefined }), (path, args) => {
      const rule = args === undefined ? { path } : { path, args };
      if (ruleFault(rule) !== undefined) return;
      assert.match(path, /^\/[^*?~]+$/);
      assert.ok(execPolicyDocument([rule]).includes(JSON.stringify(path)));
    }),
  );
});

const CALLS: readonly (readonly [ExecRule, string, readonly string[], boolean])[] = [
  [{ path: '/bin/a' }, '/bin/a', ['anything', 'at all'], true],
  [{ path: '/bin/a', args: '^-n$' }, '/bin/a', ['-n'], true],
  [{ path: '/bin/a', args: '^-n$' }, '/bin/a', ['-n', '-a'], false],
  [{ path: '/bin/a', args: '^a b$' }, '/bin/a', ['a', 'b'], true],
  [{ path: '/bin/a', args: '' }, '/bin/a', ['x'], false],
  [{ path: '/bin/a' }, '/bin/ab', [], false],
];

for (const [rule, path, args, allowed] of CALLS) {
  test(`ruleAllows: ${JSON.stringify(rule)} for ${path} ${args.join(' ')} -> ${allowed}`, () => {
    assert.equal(ruleAllows(rule, path, args), allowed);
  });
}
