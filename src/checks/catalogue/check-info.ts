import type { Severity } from '../../core/finding.ts';
import type { RuntimeKind } from '../../topology/deployment.ts';

/** What docs/checks.md says of one check. */
export type CheckInfo = {
  /** Stable: people and other programs refer to it. */
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  /** What is tried or read, in one sentence. */
  readonly tries: string;
  /** From where: a service's inside, the host, the gateway's own records, before anything is deployed, or after a credential was replaced. */
  readonly from: 'inside' | 'host' | 'gateway' | 'preflight' | 'disruptive' | 'rotation';
  /** The runtimes that it makes sense for; absent: all. */
  readonly runtimes?: readonly RuntimeKind[];
  /** The sabotage that shows the check can fail: what is weakened, and the name of its test. */
  readonly sabotage: string;
};
