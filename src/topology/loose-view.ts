import { isRecord } from '../core/json.ts';

/**
 * What the file names, read without the schema: a wrong port does not hide a wrong reference, so that all
 * mistakes are told in one pass. What is of the wrong type is left out here and is the schema's to complain about.
 */
export type LooseView = {
  readonly hosts: readonly LooseHost[];
  readonly gateways: readonly LooseGateway[];
  readonly nodes: readonly LooseNode[];
  readonly allow: readonly unknown[];
  readonly deny: readonly unknown[];
  readonly ca?: string;
  /** Sections that are there and name nothing. */
  readonly empty: readonly ('hosts' | 'gateways')[];
};

export type LooseHost = { readonly name: string; readonly connect?: string; readonly dir?: string; readonly subnet?: string };

export type LooseGateway = {
  readonly name: string;
  readonly host?: string;
  readonly runtime?: string;
  readonly containment?: string;
  readonly bind?: string;
  /** undefined: by default; `wrong`: something that is no port. */
  readonly port: number | undefined | 'wrong';
};

export type LooseNode = {
  readonly name: string;
  readonly host?: string;
  readonly runtime?: string;
  readonly containment?: string;
  readonly link?: unknown;
  readonly volumes: readonly unknown[];
  readonly gateway?: string;
  readonly exec: readonly unknown[];
};

/** Reads whatever of a deployment can be read. */
export function looseView(value: unknown): LooseView {
  const file = record(value);
  const egress = record(file['egress']);
  return {
    hosts: entries(file['hosts']).map(([name, one]) => ({
      name,
      ...(one['connect'] === undefined ? { connect: 'local' } : text(one, 'connect')),
      ...text(one, 'dir'),
      ...text(one, 'subnet'),
    })),
    gateways: entries(file['gateways']).map(([name, one]) => ({
      name,
      ...text(one, 'host'),
      ...text(one, 'runtime'),
      ...text(one, 'containment'),
      ...text(one, 'bind'),
      port: portOf(one['port']),
    })),
    nodes: entries(file['nodes']).map(([name, one]) => ({
      name,
      ...text(one, 'host'),
      ...text(one, 'runtime'),
      ...text(one, 'containment'),
      ...text(one, 'gateway'),
      ...('link' in one ? { link: one['link'] } : {}),
      volumes: list(one['volumes']),
      exec: list(record(one['exec'])['allow']),
    })),
    allow: list(egress['allow']),
    deny: list(egress['deny']),
    ...text(egress, 'ca'),
    empty: (['hosts', 'gateways'] as const).filter((section) => isRecord(file[section]) && entries(file[section]).length === 0),
  };
}

/** `{ [key]: text }` when there is a text at that key, else nothing. */
export function text<K extends string>(from: Readonly<Record<string, unknown>>, key: K): { readonly [P in K]?: string };
export function text(from: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, string>> {
  const value = from[key];
  return typeof value === 'string' ? { [key]: value } : {};
}

function portOf(value: unknown): LooseGateway['port'] {
  return value === undefined || typeof value === 'number' ? value : 'wrong';
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function entries(value: unknown): readonly (readonly [string, Readonly<Record<string, unknown>>])[] {
  return Object.entries(record(value)).map(([name, one]) => [name, record(one)]);
}
