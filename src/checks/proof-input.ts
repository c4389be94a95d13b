import type { Redacted } from '../core/redacted.ts';
import type { Host } from '../hosts/host.ts';
import type { GatewayAddress } from '../openclaw/rpc.ts';
import type { EgressPolicy } from '../policy/policy.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { Service } from '../services/service.ts';
import type { Deployment } from '../topology/deployment.ts';
import type { ProbeTargets } from './probes/subject.ts';

/** A destination that the gate's trail holds as refused. */
export type DeniedAttempt = { readonly client: string; readonly host: string; readonly reason: string };

/** Everything that the proof of one deployment on one host needs. It reads and tries; it changes nothing unless disruptive. */
export type ProofInput = {
  readonly deployment: Deployment;
  readonly services: readonly Service[];
  readonly runtime: Pick<Runtime, 'inside' | 'observe' | 'start' | 'stop'>;
  readonly host: Pick<Host, 'stat' | 'read' | 'run'>;
  /** Absolute folder of the deployment. */
  readonly root: string;
  /** What is in force: the file's policy with the operator's overrides. */
  readonly policy: EgressPolicy;
  readonly uidOf: (service: string) => number;
  /** Every secret by its name in the operator's store. */
  readonly secrets: ReadonlyMap<string, Redacted>;
  /** By the gateway's name in the file. */
  readonly gateways: ReadonlyMap<string, GatewayAddress>;
  /** Node name -> device id, for the enrolled ones. */
  readonly deviceIds: ReadonlyMap<string, string>;
  /** What the trail holds as refused since then; absent: the trail is not asked. */
  readonly denied?: (sinceMs: number) => Promise<readonly DeniedAttempt[]>;
  readonly targets?: Partial<ProbeTargets>;
  /** Also interrupts: the gate is stopped and killed for a moment. */
  readonly disruptive: boolean;
};
