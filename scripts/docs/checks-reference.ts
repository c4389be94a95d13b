import type { CheckInfo } from '../../src/checks/catalogue/check-info.ts';

const FROM: Readonly<Record<CheckInfo['from'], string>> = {
  preflight: 'Before anything is deployed',
  inside: 'From inside each running service',
  host: 'From the host',
  gateway: 'From the records of the gateways',
  disruptive: 'Only with `--disruptive`',
  rotation: 'When a credential was replaced (`rotate`, or an `up` that finishes it)',
};

const RUNTIME = { process: 'local processes', docker: 'containers' } as const;

/** docs/checks.md: every check, and the sabotage that shows that it can fail. */
export function checksReference(catalogue: readonly CheckInfo[]): string {
  return [
    '# Checks',
    '',
    '<!-- Generated from src/checks by `npm run golden`. -->',
    '',
    'A check has three outcomes: `pass`, `fail` and `unknown` (it could not be tried, which is never as good as a pass).',
    '`not-enforced` says that this host cannot do it. For each check there is a test that weakens exactly what it watches and sees it fail.',
    '',
    ...Object.entries(FROM).flatMap(([from, title]) =>
      section(
        title,
        catalogue.filter((one) => one.from === from),
      ),
    ),
  ].join('\n');
}

function section(title: string, checks: readonly CheckInfo[]): readonly string[] {
  if (checks.length === 0) return [];
  const sorted = checks.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return [`## ${title}`, '', ...sorted.flatMap(entry)];
}

// A heading of its own for each check: messages and the status page link to it.
function entry(check: CheckInfo): readonly string[] {
  return [
    `### ${check.id}`,
    '',
    `${check.title} (${check.severity}).`,
    '',
    `- tries: ${check.tries}`,
    ...(check.runtimes === undefined ? [] : [`- only with: ${check.runtimes.map((one) => RUNTIME[one]).join(', ')}`]),
    `- shown to fail by: ${check.sabotage}`,
    '',
  ];
}
