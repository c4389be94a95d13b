import type { EgressPolicy } from '../policy/policy.ts';

/** A valid lobsterpot.yaml with every default filled in. Frozen. */
export type Deployment = {
  readonly name: string;
  readonly openclaw: string;
  readonly hosts: readonly HostEntry[];
  readonly gateways: readonly GatewayEntry[];
  readonly nodes: readonly NodeEntry[];
  readonly egress: EgressPolicy;
  /** PEM text of certificate authorities trusted in addition to Node's own (`egress.ca`, read when the file is loaded). */
  readonly ca?: string;
  /** Things that are valid and unwise, e.g. an exec entry for `find` without `args`. */
  readonly warnings: readonly Warning[];
};

export type Warning = { readonly path: string; readonly message: string; readonly fix: string };

export type SecretRef = { readonly secret: string };

export type HostEntry = {
  readonly name: string;
  /** A: `local` only; B adds ssh. */
  readonly connect: { readonly kind: 'local' };
};

export type GatewayEntry = {
  readonly name: string;
  readonly host: string;
  readonly runtime: 'process';
  readonly containment: 'full' | 'none';
  /** Loopback port of the Control UI on its host. */
  readonly port: number;
  readonly model?: ModelEntry;
};

export type ModelEntry = {
  readonly provider: 'anthropic' | 'openai' | 'openrouter' | 'google';
  readonly id: string;
  readonly apiKey: SecretRef;
};

export type NodeEntry = {
  readonly name: string;
  readonly host: string;
  readonly runtime: 'process';
  readonly containment: 'full' | 'none';
  readonly gateway: string;
  readonly exec: readonly ExecRule[];
};

/** A binary that may run on a node; `args` is a regular expression on the arguments joined by one space. */
export type ExecRule = { readonly path: string; readonly args?: string };
