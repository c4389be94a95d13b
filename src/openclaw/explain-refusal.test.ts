import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { z } from 'zod';
import { ruleAllows } from './exec-policy.ts';
import { explainRefusal, type Explanation } from './explain-refusal.ts';

const RULES = [{ path: '/usr/bin/uname', args: '^-n$' }, { path: '/usr/bin/id' }];

const CASES: readonly (readonly [readonly string[], string | undefined, Explanation['reason'], string | undefined])[] = [
  [['/usr/bin/uname', '-a'], undefined, 'args-differ', '- { path: "/usr/bin/uname", args: "^-a$" }'],
  [['uname', '-a'], undefined, 'args-differ', '- { path: "/usr/bin/uname", args: "^-a$" }'],
  [['uname', '-n'], undefined, 'bare-name', undefined],
  [['/usr/bin/uname', '-n'], undefined, 'rule-allows', undefined],
  [['/usr/bin/date'], undefined, 'no-rule', '- { path: "/usr/bin/date", args: "^$" }'],
  [['date'], undefined, 'bare-name', undefined],
  [['/usr/bin/awk', '1'], '/usr/bin/mawk', 'link', '- { path: "/usr/bin/mawk", args: "^1$" }'],
  [['/bin/uname', '-n'], '/usr/bin/uname', 'link', undefined],
  [['/bin/sh', '-c', 'id'], '/usr/bin/dash', 'shell', undefined],
  [['/usr/bin/env', '/usr/bin/id'], undefined, 'wrapper', undefined],
  [['/usr/bin/ls', 'a.b', '$HOME'], undefined, 'no-rule', '- { path: "/usr/bin/ls", args: "^a\\\\.b \\\\$HOME$" }'],
  [['/usr/bin/ls', 'a\nb'], undefined, 'no-rule', undefined],
  [['/tmp/*'], undefined, 'no-rule', undefined],
  [[], undefined, 'bare-name', undefined],
];

for (const [command, realPath, reason, yaml] of CASES) {
  test(`explainRefusal: ${JSON.stringify(command)}${realPath === undefined ? '' : ` = ${realPath}`} -> ${reason}`, () => {
    const explained = explainRefusal(RULES, command, realPath);
    assert.equal(explained.reason, reason);
    assert.equal(explained.yaml, yaml);
    assert.doesNotMatch(explained.message, /\.$/);
  });
}

test('explainRefusal: a link or a bare name of what may run -> the file to call instead', () => {
  for (const [given, real] of [
    ['uname', undefined],
    ['/bin/uname', '/usr/bin/uname'],
  ] as const) {
    assert.equal(explainRefusal(RULES, [given, '-n'], real).instead, '/usr/bin/uname');
  }
});

const RULE = z.tuple([z.strictObject({ path: z.string(), args: z.string() })]);

test('explainRefusal: any arguments -> the advised line is YAML and allows exactly the command', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (args) => {
      const { yaml } = explainRefusal([], ['/usr/bin/thing', ...args]);
      if (yaml === undefined) return;
      const [rule] = RULE.parse(parse(yaml));
      assert.ok(ruleAllows(rule, '/usr/bin/thing', args));
      assert.ok(!ruleAllows(rule, '/usr/bin/thing', [...args, 'more']));
    }),
  );
});
