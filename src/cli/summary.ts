import type { Engine } from '../converge/engine.ts';
import { waitingFor } from '../converge/waiting.ts';
import type { Finding } from '../core/finding.ts';
import type { Deployment, GatewayEntry } from '../topology/deployment.ts';
import { waitingRow } from './describe-status.ts';
import { red, table, type Io } from './io.ts';

/** `home · 1 host, 1 gateway, 1 node host`. */
export function headline(deployment: Deployment): string {
  const count = (many: number, word: string): string => `${many} ${word}${many === 1 ? '' : 's'}`;
  return `${deployment.name} · ${count(deployment.hosts.length, 'host')}, ${count(deployment.gateways.length, 'gateway')}, ${count(deployment.nodes.length, 'node host')}`;
}

/** What runs, what failed or is not enforced, where the Control UI is, and what to type next. */
export async function describeRunning(
  io: Io,
  engine: Engine,
  findings: readonly Finding[],
  unenforced: readonly Finding[],
): Promise<string> {
  const { deployment } = engine;
  const waiting = waitingFor(deployment, new Set(await engine.store.names()));
  const node = deployment.nodes[0];
  const rule = node?.exec[0];
  const example = rule ? `${rule.path}${exampleArguments(rule.args)}` : '/usr/bin/uname';
  const next = [
    ...(node ? [['', `npx lobsterpot exec ${node.name} -- ${example}`]] : []),
    ['', 'npx lobsterpot egress log'],
    ['', 'npx lobsterpot status'],
  ].map((row, index) => [index === 0 ? 'try' : '', row[1] ?? '']);
  return [
    section(
      io,
      'failed',
      findings.filter((one) => one.status === 'fail'),
    ),
    section(
      io,
      'could not be tried, so not proven (lobsterpot verify tries again)',
      findings.filter((one) => one.status === 'unknown'),
    ),
    section(io, 'not enforced here', [
      ...unenforced,
      ...findings.filter((one) => one.status === 'not-enforced' && !isTold(unenforced, one)),
    ]),
    waiting.length === 0 ? '' : `\n  waits for a secret\n${table(waiting.map(waitingRow))}`,
    '\n',
    table([...controlUis(deployment), ...next]),
  ].join('');
}

/** Is it said once already? */
function isTold(said: readonly Finding[], { checkId, subject }: Finding): boolean {
  return said.some((one) => one.checkId === checkId && one.subject === subject);
}

function controlUis(deployment: Deployment): readonly (readonly string[])[] {
  const alone = deployment.gateways.length === 1;
  return deployment.gateways.map((gateway) => {
    const forward = isFar(deployment, gateway) ? ' --forward' : '';
    const name = alone ? '' : ` ${gateway.name}`;
    return ['control ui', `http://${gateway.bind}:${gateway.port}   let your browser in: npx lobsterpot ui${name}${forward}`];
  });
}

/** Does its port answer on the loopback of another host alone? */
export function isFar({ hosts }: Deployment, { host, bind }: GatewayEntry): boolean {
  return bind === '127.0.0.1' && hosts.find((one) => one.name === host)?.connect.kind === 'ssh';
}

function section(io: Io, title: string, findings: readonly Finding[]): string {
  if (findings.length === 0) return '';
  const worst = findings.some((one) => one.status === 'fail' || (one.status === 'not-enforced' && one.severity === 'critical'));
  const rows = table(findings.map((one) => [one.checkId, one.subject, one.message]));
  return `\n  ${worst ? red(io, title) : title}\n${rows.replaceAll(/^/gm, '  ').trimEnd()}\n`;
}

/** A plain `^...$` pattern is its own example; anything cleverer is left to the reader. */
function exampleArguments(args: string | undefined): string {
  const match = args === undefined ? undefined : /^\^([\w./ -]*)\$$/.exec(args);
  return match?.[1] === undefined || match[1] === '' ? '' : ` ${match[1]}`;
}
