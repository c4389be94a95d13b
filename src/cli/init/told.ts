import { gatewaySecrets } from '../../topology/channels.ts';
import type { Deployment } from '../../topology/deployment.ts';
import { table } from '../io.ts';
import { type Answers, numbersOf, topologyOf } from './answers.ts';
import { typedPath } from './typed-path.ts';

/** What was written, and what comes next. */
export type Written = { readonly file: string; readonly answers: Answers; readonly deployment: Deployment };

/** What to type next, in this order, each with what it is for. Values of secrets are asked for there, never here. */
export function nextSteps({ file, answers, deployment }: Written): readonly (readonly [command: string, why: string])[] {
  const more = file === 'lobsterpot.yaml' ? '' : ` --file ${typedPath(file)}`;
  const secrets = deployment.gateways.flatMap((gateway) => {
    const bot = gateway.channels?.telegram?.botToken.secret;
    return gatewaySecrets(gateway).map(
      (name) =>
        [`npx lobsterpot secrets set ${name}${more}`, name === bot ? 'the token that @BotFather gave' : 'the key of the model'] as const,
    );
  });
  return [
    ...secrets.map(([command, why]) => [command, `${why}, typed at a prompt`] as const),
    [`npx lobsterpot doctor${more}`, topologyOf(answers) === 'this-machine' ? 'can this machine do it' : 'can both machines do it'],
    [`npx lobsterpot up${more}`, 'shows the plan, asks, does it, proves it'],
  ];
}

/** What `init` says at its end. */
export function describeWritten(written: Written): string {
  const { file, answers, deployment } = written;
  const steps = nextSteps(written);
  const passes =
    deployment.egress.mode === 'report'
      ? '\n  as long as everything may leave, the proof names it and up ends with exit 1 (docs/egress.md)\n'
      : '';
  const image =
    topologyOf(answers) === 'one-cluster' ? '\n  first: the image with an ssh client, on both machines (docs/one-cluster.md)\n' : '';
  return [
    `wrote ${file}: ${deployment.name}\n`,
    table(rows(written)),
    image,
    '\n  next\n',
    table(steps).replaceAll(/^/gm, '  ').trimEnd(),
    '\n',
    passes,
  ].join('');
}

function rows({ answers, deployment }: Written): readonly (readonly string[])[] {
  const numbers = numbersOf(answers);
  const at = (host: string): string =>
    [
      ...deployment.gateways.filter((one) => one.host === host).map(({ name }) => `gateway ${name}`),
      ...deployment.nodes.filter((one) => one.host === host).map(({ name }) => `node ${name}`),
    ].join(', ');
  return [
    ...deployment.hosts.map(({ name }) => [name, at(name)]),
    ['model', `${answers.provider} ${answers.model}; ${answers.credentials === 'route' ? 'the gate has its key' : 'OpenClaw has its key'}`],
    ['telegram', numbers.length === 0 ? 'no bot' : `hears ${numbers.join(', ')}`],
    ['may leave', `${answers.level}${answers.report === 'yes' ? ', and for now everything else too (report mode)' : ''}`],
  ];
}

/** The same for `--json`. */
export function jsonOf(written: Written): Record<string, unknown> {
  const { file, answers, deployment } = written;
  return {
    file,
    deployment: deployment.name,
    topology: topologyOf(answers),
    hosts: deployment.hosts.map(({ name, connect }) => ({ name, connect: connect.kind })),
    gateways: deployment.gateways.map(({ name, host }) => ({ name, host })),
    nodes: deployment.nodes.map(({ name, host }) => ({ name, host })),
    model: { provider: answers.provider, id: answers.model },
    telegram: numbersOf(answers),
    credentials: answers.credentials,
    level: answers.level,
    mode: answers.report === 'yes' ? 'report' : 'enforce',
    secrets: deployment.gateways.flatMap(gatewaySecrets),
    next: nextSteps(written).map(([command]) => command),
  };
}
