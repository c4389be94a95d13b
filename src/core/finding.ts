export type Severity = 'critical' | 'high' | 'medium' | 'low';

/** `unknown`: could not be tried, never green. `not-enforced`: the host cannot do it, said so (law 2). */
export type FindingStatus = 'pass' | 'fail' | 'unknown' | 'not-enforced';

/** What one check or probe found. `checkId` is stable and listed in docs/checks.md. */
export type Finding = {
  readonly checkId: string;
  readonly severity: Severity;
  readonly status: FindingStatus;
  /** Whom it is about: a service, a host, or `deployment`. */
  readonly subject: string;
  readonly message: string;
  /** What was seen, as untrusted text already cleaned by `plainText`. */
  readonly evidence?: string;
  /** The exact next step; present on every `fail`. */
  readonly fix?: string;
};
