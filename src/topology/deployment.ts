import type { Peer } from '../policy/peer.ts';
import type { EgressPolicy } from '../policy/policy.ts';

/** A valid lobsterpot.yaml with every default filled in. Frozen. */
export type Deployment = {
  readonly name: string;
  readonly openclaw: string;
  /** The image of Docker services: `name[:tag][@sha256:...]` or the `sha256:...` of one that is on the host. */
  readonly image: string;
  readonly hosts: readonly HostEntry[];
  readonly gateways: readonly GatewayEntry[];
  readonly nodes: readonly NodeEntry[];
  readonly egress: EgressPolicy;
  /** What everything goes out through, where it is not lobsterpot's own gate. */
  readonly proxy?: 'squid';
  /** How many days each gate's trail is kept (`egress.days`); absent: as long as its size lets it. */
  readonly trailDays?: number;
  /** PEM text of certificate authorities trusted in addition to Node's own (`egress.ca`, read when the file is loaded). */
  readonly ca?: string;
  /** Things that are valid and unwise, e.g. an exec entry for `find` without `args`. */
  readonly warnings: readonly Warning[];
};

export type Warning = { readonly path: string; readonly message: string; readonly fix: string };

export type SecretRef = { readonly secret: string };

export type HostEntry = {
  readonly name: string;
  readonly connect: Connect;
  /** Absolute folder under which the deployment's files lie; absent: the state folder of the user who runs them. */
  readonly dir?: string;
  /** The private network that the deployment's own networks are cut from, e.g. `10.87.16.0/20`; absent: chosen at the first `up`. */
  readonly subnet?: string;
};

/** `local`: this machine. `ssh`: an ssh destination; what is absent is left to the user's ssh configuration. */
export type Connect =
  | { readonly kind: 'local' }
  | { readonly kind: 'ssh'; readonly host: string; readonly user?: string; readonly port?: number };

/** Containers, or local processes. All services of one host are run in one way. */
export type RuntimeKind = 'process' | 'docker';

export type GatewayEntry = {
  readonly name: string;
  readonly host: string;
  readonly runtime: RuntimeKind;
  readonly containment: 'full' | 'none';
  /** What its state folder may hold. */
  readonly diskMiB: number;
  /** Port of the Control UI on its host. */
  readonly port: number;
  /** Address of its host that the Control UI is published on: 127.0.0.1 unless asked. */
  readonly bind: string;
  /** `route`: the gate has the keys of the model and the channels, and adds them; `file`: OpenClaw reads them. */
  readonly credentials: 'route' | 'file';
  /** What it may use of its model; absent: no limit. */
  readonly budget?: BudgetEntry;
  readonly model?: ModelEntry;
  /** Absent: its memory is not searched. */
  readonly memory?: MemoryEntry;
  /** Absent: none. */
  readonly channels?: ChannelsEntry;
};

/** What one period holds; what is not named is not limited. */
export type BudgetLimits = {
  readonly usd?: number | undefined;
  readonly tokens?: number | undefined;
  readonly requests?: number | undefined;
};

export type BudgetEntry = {
  readonly minute?: Pick<BudgetLimits, 'requests'> | undefined;
  readonly day?: BudgetLimits | undefined;
  readonly month?: BudgetLimits | undefined;
  /** By the beginning of a model's name: dollars for a million tokens. */
  readonly prices?:
    | Readonly<
        Record<
          string,
          {
            readonly input: number;
            readonly output: number;
            readonly cacheRead?: number | undefined;
            readonly cacheWrite?: number | undefined;
          }
        >
      >
    | undefined;
};

export type ModelEntry = {
  readonly provider: 'anthropic' | 'openai' | 'openrouter' | 'google';
  readonly id: string;
  readonly apiKey: SecretRef;
};

/** How the memory of one agent is searched: the text goes to this provider. */
export type MemoryEntry = { readonly search: { readonly provider: 'openai'; readonly apiKey: SecretRef } };

/** Where people may write to the agent of one gateway. */
export type ChannelsEntry = {
  readonly telegram?: { readonly botToken: SecretRef; readonly allowFrom: readonly string[] };
  /** Other agents that this one may send tasks to. */
  readonly a2a?: { readonly peers: readonly PeerEntry[] };
};

/** Another agent: where it is, the secret that opens it, and how often it may be asked. */
export type PeerEntry = Peer & { readonly token: SecretRef; readonly budget?: PeerBudget };

/** Requests of one period; what is not named is not limited. */
export type PeerBudget = {
  readonly minute?: { readonly requests: number } | undefined;
  readonly day?: { readonly requests: number } | undefined;
  readonly month?: { readonly requests: number } | undefined;
};

export type NodeEntry = {
  readonly name: string;
  readonly host: string;
  readonly runtime: RuntimeKind;
  readonly containment: 'full' | 'none';
  /** What its state folder may hold. */
  readonly diskMiB: number;
  readonly gateway: string;
  readonly exec: readonly ExecRule[];
  /** How it reaches a gateway on another host; absent: they are on one. */
  readonly link?: Link;
  /** Folders of its host that its commands see. */
  readonly volumes: readonly { readonly path: string; readonly readOnly: boolean }[];
};

/** An ssh tunnel that the node's host dials: where the gateway's host answers as the node's host sees it, and whose account takes the key. */
export type Link = { readonly kind: 'ssh-tunnel'; readonly user: string; readonly address: string; readonly port: number };

/** A binary that may run on a node; `args` is a regular expression on the arguments joined by one space. */
export type ExecRule = { readonly path: string; readonly args?: string };
