/** The egress policy of one deployment as the gate, the probes and the reports read it. Pure data. */
export type EgressPolicy = {
  readonly version: 1;
  readonly deployment: string;
  /** `report` lets pass what it would deny and says so, except the classes that no policy opens and what a rule denies. */
  readonly mode: 'enforce' | 'report';
  readonly allow: readonly Rule[];
  readonly deny: readonly Rule[];
};

export type Rule = {
  /** An exact host name, `*.name` (sub-domains, not the name itself), or an address literal; normalised. */
  readonly host: string;
  readonly port: number;
  /** Only for this client (a gateway's or node's service name); absent: for all. */
  readonly client?: string;
  /** Epoch milliseconds after which the rule is gone. */
  readonly until?: number;
  /** Where it was written: `lobsterpot.yaml`, `preset telegram`, `operator root 2026-11-22`. */
  readonly source: string;
};

/** A normalised destination. `kind` tells how the client named it. */
export type Target = {
  readonly host: string;
  readonly port: number;
  readonly kind: 'name' | 'address';
};

/** Why something was let through or refused; the closed set is documented in docs/gate.md. */
export type Reason =
  | 'rule'
  | 'no-rule'
  | 'deny-rule'
  | 'report-mode'
  | 'bad-target'
  | 'address-without-rule'
  | 'never-class'
  | 'unresolvable'
  | 'private-address'
  | 'sni-missing'
  | 'sni-mismatch'
  | 'sni-hidden'
  | 'not-tls'
  | 'host-mismatch'
  | 'bad-request'
  | 'limit'
  | 'no-policy'
  | 'upstream-failed'
  | 'no-audit'
  | 'dns-question';

export type Verdict = {
  readonly allowed: boolean;
  readonly reason: Reason;
  /** The deciding rule, written as `host:port (source)`. */
  readonly rule?: string;
  /** With `report-mode`: the reason that `enforce` would have denied it for. */
  readonly would?: Reason;
};
