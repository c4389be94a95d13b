import { Problems } from '../core/problem.ts';
import { checkBind } from './bind.ts';
import { buildDeployment } from './build-deployment.ts';
import { type ReadFile, readCertificates } from './certificates.ts';
import { checkChannels } from './channels.ts';
import { checkCredentials } from './credentials.ts';
import type { Deployment } from './deployment.ts';
import { readDocument } from './document.ts';
import { type Clients, readEgressEntry } from './egress-rules.ts';
import { checkExec } from './exec-rules.ts';
import { explainIssue } from './explain-issue.ts';
import { checkHosts } from './hosts.ts';
import { deploymentJsonSchema } from './json-schema.ts';
import { type LooseView, looseView } from './loose-view.ts';
import { checkMemory } from './memory.ts';
import { type Mistake, problemOf } from './mistake.ts';
import { checkPlaces, hostRuntimes } from './places.ts';
import { checkPorts } from './ports.ts';
import { checkProxy } from './proxy.ts';
import { checkReferences } from './references.ts';
import { deploymentSchema } from './schema.ts';
import { checkVolumes } from './volumes.ts';
import { checkVersion } from './version-rules.ts';

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
    ...checkView(view),
    ...checkChannels(document.value),
    ...checkCredentials(document.value),
    ...checkMemory(document.value),
    ...checkProxy(document.value, view),
    ...checkVersion(document.value),
    ...allow.mistakes,
    ...deny.mistakes,
    ...(ca && 'mistake' in ca ? [ca.mistake] : []),
  ];
  if (!parsed.success || mistakes.length > 0) {
    const placed = mistakes.map((mistake) => ({ mistake, at: document.where(mistake.path, mistake.atKey ?? false) }));
    const ordered = placed.toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
    throw new Problems(ordered.map(({ mistake, at }) => problemOf(mistake, options.file, at)));
  }
  return freeze(
    buildDeployment(parsed.data, {
      runtimes: hostRuntimes(view),
      allow: allow.rules,
      deny: deny.rules,
      ...(ca && 'pem' in ca ? { ca: ca.pem } : {}),
    }),
  );
}

/** What is wrong with what the file names, whatever the schema says of the rest. */
function checkView(view: LooseView): readonly Mistake[] {
  return [
    ...checkReferences(view),
    ...checkHosts(view.hosts),
    ...checkPlaces(view),
    ...checkPorts(view.gateways),
    ...view.gateways.flatMap(({ name, bind }) => checkBind(name, bind)),
    ...view.nodes.flatMap(({ name, host, exec, volumes }) => [
      ...checkExec(name, exec),
      ...checkVolumes(['nodes', name, 'volumes'], volumes, view.hosts.find((one) => one.name === host)?.dir),
    ]),
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
