import { roomOverrides } from './rooms.mjs';

// The project's rules, then the table of rooms as overrides.
function lintConfig() {
  return {
    $schema: './node_modules/oxlint/configuration_schema.json',
    plugins: ['typescript', 'unicorn', 'oxc', 'import'],
    categories: { correctness: 'error', suspicious: 'error' },
    options: { typeAware: true, reportUnusedDisableDirectives: 'error' },
    ignorePatterns: ['dist/**', 'node_modules/**', 'examples/**'],
    rules: {
      // The page of style: no any, no !, no as (but as const), unions handled to the last.
      'typescript/no-explicit-any': 'error',
      'typescript/no-non-null-assertion': 'error',
      'typescript/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      'typescript/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      'typescript/switch-exhaustiveness-check': [
        'error',
        { allowDefaultCaseForExhaustiveSwitch: false, considerDefaultExhaustiveForUnions: true },
      ],
      'typescript/no-misused-promises': 'error',
      'typescript/only-throw-error': 'error',
      // node:test returns promises that nobody has to wait for.
      'typescript/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            {
              from: 'package',
              package: 'node:test',
              name: ['test', 'suite', 'describe', 'it', 'before', 'after', 'beforeEach', 'afterEach'],
            },
          ],
        },
      ],
      'typescript/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'no-console': 'error',
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      // Reading a file in a loop with await is what most of our loops are for; shadowing of `name` and `path` is clear in context.
      'no-await-in-loop': 'off',
      // tsc says it (noImplicitReturns), and knows when a switch is exhaustive.
      'typescript/consistent-return': 'off',
      // `new RegExp(text)` is how one asks whether a text is a regular expression.
      'no-new': 'off',
      // `using _lock = ...` holds something and names it for the reader.
      'no-underscore-dangle': 'off',
      'import/no-named-as-default-member': 'off',
      // Our objects of functions have no `this`; there are few classes.
      'typescript/unbound-method': 'off',
      'no-shadow': 'off',
      'unicorn/no-array-sort': 'off',
      'unicorn/consistent-function-scoping': 'off',
      'import/no-unassigned-import': 'off',
    },
    overrides: [
      ...roomOverrides(),
      // Programs of their own may print: that is what they are for.
      { files: ['scripts/**', 'bin/**', 'src/**/inside/**', 'src/**/testing/**', 'e2e/**'], rules: { 'no-console': 'off' } },
      // Pieces of one program, put together when it is sent: what one declares another uses.
      { files: ['src/checks/probes/inside/**'], rules: { 'no-unused-vars': 'off', 'no-undef': 'off' } },
      // Without types everything is any, and these two would only guess.
      { files: ['**/*.mjs'], rules: { 'typescript/restrict-template-expressions': 'off', 'typescript/no-base-to-string': 'off' } },
    ],
  };
}

/** The text of .oxlintrc.json: an override a line, for they are generated and many. */
export function lintConfigText() {
  const { overrides, ...rest } = lintConfig();
  const head = JSON.stringify(rest, null, 2).replace(/\n}$/, '');
  return `${head},\n  "overrides": [\n${overrides.map((one) => `    ${JSON.stringify(one)}`).join(',\n')}\n  ]\n}\n`;
}
