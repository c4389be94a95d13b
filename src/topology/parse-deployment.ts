import { Problems } from '../core/problem.ts';
import { type ReadFile, readCertificates } from './certificates.ts';
import { channelRules, checkChannels, readChannels } from './channels.ts';
import type { Deployment, GatewayEntry, NodeEntry, Warning } from './deployment.ts';
import { readDocument } from './document.ts';
import { type Clients, clientPreset, readEgressEntry, withoutRepetitions } from './egress-rules.ts';
import { checkExec, execRules, execWarnings } from './exec-rules.ts';
import { explainIssue } from './explain-issue.ts';
import { deploymentJsonSchema } from './json-schema.ts';
import { type LooseView, looseView } from './loose-view.ts';
import { type Mistake, problemOf } from './mistake.ts';
import { assignPorts, checkPorts } from './ports.ts';
import { checkReferences } from './references.ts';
import { type DeploymentInput, deploymentSchema } from './schema.ts';

/** How a deployment's text is read: `file` is its name in messages, `readFile` reads what it names (`egress.ca`). */
export type ParseOptions = { readonly file: string; readonly readFile: ReadFile };

/** Reads `lobsterpot.yaml`; throws Problems that hold every mistake, in the order of their lines. */
export function parseDeployment(text: string, options: ParseOptions): Deployment {
  const document = readDocument(text);
  if (document.mistakes.length > 0) {
    throw new Problems(document.mistakes.map((one) => problemOf(one.mistake, options.file, one.position)));
  }
  const parsed = deploymentSchema.safeParse(document.value);
  const view = looseView(document.value);
  const clients = clientNames(view);
  const allow = readRules(view.allow, 'allow', clients);
  const deny = readRules(view.deny, 'deny', clients);
  const ca = view.ca === undefined ? undefined : readCertificates(view.ca, options.readFile);
  const mistakes: readonly Mistake[] = [
    ...(parsed.error?.issues.flatMap((issue) => explainIssue(issue, document.value, deploymentJsonSchema())) ?? []),
    ...checkReferences(view),
    ...checkPorts(view.gateways),
    ...checkChannels(document.value),
    ...view.nodes.flatMap((node) => checkExec(node.name, node.exec)),
    ...allow.mistakes,
    ...deny.mistakes,
    ...(ca && 'mistake' in ca ? [ca.mistake] : []),
  ];
  if (!parsed.success || mistakes.length > 0) {
    const placed = mistakes.map((mistake) => ({ mistake, at: document.where(mistake.path, mistake.atKey ?? false) }));
    const ordered = placed.toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
    throw new Problems(ordered.map(({ mistake, at }) => problemOf(mistake, options.file, at)));
  }
  return freeze(build(parsed.data, { allow: allow.rules, deny: deny.rules, ca: ca && 'pem' in ca ? ca.pem : undefined }));
}

type Rules = ReturnType<typeof readEgressEntry>['rules'];

function build(input: DeploymentInput, read: { readonly allow: Rules; readonly deny: Rules; readonly ca: string | undefined }): Deployment {
  const ports = assignPorts(Object.entries(input.gateways).map(([name, one]) => ({ name, host: one.host, port: one.port })));
  const gateways = Object.entries(input.gateways).map(([name, one]): GatewayEntry => ({
    name,
    host: one.host,
    runtime: one.runtime,
    containment: one.containment,
    port: ports.get(name) ?? 0,
    bind: '127.0.0.1',
    ...(one.model === undefined ? {} : { model: one.model }),
    ...readChannels(one.channels),
  }));
  const nodes = Object.entries(input.nodes).map(([name, one]): NodeEntry => ({
    name,
    host: one.host,
    runtime: one.runtime,
    containment: one.containment,
    gateway: one.gateway,
    exec: execRules(one.exec.allow),
    volumes: [],
  }));
  const own = gateways.flatMap((one) => [
    ...(one.model ? clientPreset(one.model.provider, `gateway-${one.name}`) : []),
    ...channelRules(one.channels, `gateway-${one.name}`),
  ]);
  return {
    name: input.name,
    openclaw: input.openclaw,
    image: `ghcr.io/openclaw/openclaw:${input.openclaw}`,
    hosts: Object.keys(input.hosts).map((name) => ({ name, connect: { kind: 'local' } })),
    gateways,
    nodes,
    egress: {
      version: 1,
      deployment: input.name,
      mode: input.egress.mode,
      allow: withoutRepetitions([...read.allow, ...own]),
      deny: withoutRepetitions(read.deny),
    },
    ...(read.ca === undefined ? {} : { ca: read.ca }),
    warnings: warnings(input),
  };
}

function warnings(input: DeploymentInput): readonly Warning[] {
  const uncontained = (section: 'gateways' | 'nodes', name: string): Warning => ({
    path: `${section}.${name}.containment`,
    message: 'not contained: it can read and reach whatever your user can',
    fix: 'write containment: full, or remove the key',
  });
  return [
    ...Object.entries(input.gateways).flatMap(([name, one]) => (one.containment === 'none' ? [uncontained('gateways', name)] : [])),
    ...Object.entries(input.nodes).flatMap(([name, one]) => [
      ...(one.containment === 'none' ? [uncontained('nodes', name)] : []),
      ...execWarnings(name, one.exec.allow),
    ]),
    ...(input.egress.mode === 'report'
      ? [
          {
            path: 'egress.mode',
            message: 'what no rule names is written down and let through',
            fix: 'write mode: enforce once the rules are complete',
          },
        ]
      : []),
  ];
}

function clientNames(view: LooseView): Clients {
  return new Map([
    ...view.gateways.map(({ name }): [string, string] => [name, `gateway-${name}`]),
    ...view.nodes.map(({ name }): [string, string] => [name, `node-${name}`]),
  ]);
}

function readRules(entries: readonly unknown[], list: 'allow' | 'deny', clients: Clients): ReturnType<typeof readEgressEntry> {
  const read = entries.map((entry, at) => readEgressEntry(entry, ['egress', list, at], clients));
  return { rules: read.flatMap((one) => one.rules), mistakes: read.flatMap((one) => one.mistakes) };
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const one of Object.values(value)) freeze(one);
  return Object.freeze(value);
}
