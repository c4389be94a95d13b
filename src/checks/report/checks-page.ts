import type { CheckInfo } from '../catalogue/check-info.ts';

const FROM: Readonly<Record<CheckInfo['from'], string>> = {
  inside: 'Tried from inside each running service',
  host: 'Read or tried on the host',
  gateway: 'Asked of, or tried through, each gateway',
  disruptive: 'Only with `--disruptive`: interrupts for a moment',
  preflight: 'Before anything is deployed',
};

/** The text of docs/checks.md. */
export function checksPage(catalogue: readonly CheckInfo[]): string {
  const parts = (['inside', 'host', 'gateway', 'disruptive', 'preflight'] as const).map((from) => {
    const checks = catalogue.filter((check) => check.from === from);
    return checks.length === 0 ? '' : `## ${FROM[from]}\n\n${checks.map(section).join('\n')}`;
  });
  return `# The checks

Generated from the catalogue in the code; \`npm run check\` fails when this page is stale.

Each check ends in \`pass\`, \`fail\`, \`unknown\` (it could not be tried: never green) or \`not-enforced\` (this host cannot do it).
A refusal counts only when a control, something that must work, worked in the same run.
The last line of each check names the sabotage that shows it can fail: exactly that control is weakened on a running deployment, and the check has to find it.

${parts.filter((part) => part !== '').join('\n')}`;
}

function section(check: CheckInfo): string {
  return `### ${check.id}\n\n**${check.title}** (${check.severity})\n\n- tries: ${check.tries}\n- sabotage: ${check.sabotage}\n`;
}
