import type { Redacted } from '../core/redacted.ts';
import type { Host } from '../hosts/host.ts';
import type { GatewayAddress } from '../openclaw/rpc.ts';
import type { EgressPolicy } from '../policy/policy.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { Service } from '../services/service.ts';
import type { Deployment, RuntimeKind } from '../topology/deployment.ts';
import type { LinkAccess } from './links/link-checks.ts';
import type { ProbeTargets } from './probes/subject.ts';
import type { EngineTraits } from './probes/traits.ts';

/** A destination that the gate's trail holds as refused. */
export type DeniedAttempt = { readonly client: string; readonly host: string; readonly reason: string };

/** How the engine of a host is asked. */
export type EngineAccess = {
  /** The first words of a docker command there, and its environment. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly traits: EngineTraits;
};

/** Everything that the proof of one deployment on one host needs. It reads and tries; it changes nothing unless disruptive. */
export type ProofInput = {
  readonly deployment: Deployment;
  /** Those on this host. */
  readonly services: readonly Service[];
  readonly kind: RuntimeKind;
  readonly runtime: Pick<Runtime, 'render' | 'inside' | 'observe' | 'start' | 'stop' | 'logs'>;
  /** The host with the rights that the deployment's files need. */
  readonly host: Pick<Host, 'stat' | 'read' | 'list' | 'run'>;
  /** The host as the user who is let in there. */
  readonly machine: Pick<Host, 'run'>;
  /** It is the machine that the proof runs on. */
  readonly isLocal: boolean;
  /** Present with containers. */
  readonly docker?: EngineAccess;
  /** Absolute folder of the deployment there. */
  readonly root: string;
  /** Where the secrets of the operator lie, on the machine that the proof runs on; absent: another host's proof looks at them. */
  readonly store?: { readonly host: Pick<Host, 'stat'>; readonly root: string; readonly uid: number };
  /** Addresses of the deployment's other hosts. */
  readonly otherHosts: readonly string[];
  /** What is in force: the file's policy with the operator's overrides. */
  readonly policy: EgressPolicy;
  readonly uidOf: (service: string) => number;
  /** Every secret by its name in the operator's store. */
  readonly secrets: ReadonlyMap<string, Redacted>;
  /** By the gateway's name in the file. */
  readonly gateways: ReadonlyMap<string, GatewayAddress>;
  /** Node name -> device id, for the enrolled ones. */
  readonly deviceIds: ReadonlyMap<string, string>;
  /** By the name of the link's service. */
  readonly links: ReadonlyMap<string, LinkAccess>;
  /** What the trail holds as refused since then; absent: the trail is not asked. */
  readonly denied?: (sinceMs: number) => Promise<readonly DeniedAttempt[]>;
  readonly targets?: Partial<ProbeTargets>;
  /** Also interrupts: the gate is stopped and killed for a moment. */
  readonly disruptive: boolean;
};
