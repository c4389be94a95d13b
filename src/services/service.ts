/**
 * The one model between the user's file and any runtime. Paths are those *inside* the service;
 * where they lie on the host is the runtime's business.
 */
export type Service = {
  /** `gate`, `gateway-main`, `node-nas`, `ingress-main`, `link-nas`: unique on its host, also its name to the gate and in logs. */
  readonly name: string;
  readonly role: 'gate' | 'gateway' | 'node' | 'ingress' | 'link';
  /** The key in the user's file (`main`, `nas`) of what it is or serves; the gate's is `gate`. */
  readonly key: string;
  readonly host: string;
  /** Its own host name inside. */
  readonly hostname: string;
  /**
   * Inside argv; `{node}` stands for the runtime's Node binary, `{openclaw}` for OpenClaw's entry file, `{ssh}` for an OpenSSH client.
   * Empty: the service only forwards (an ingress).
   */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Rendered, read-only files: seen at /config/<name>. */
  readonly files: readonly ServiceFile[];
  /** Secrets it reads, each a file of its own, 0400, owned by the service. */
  readonly secrets: readonly SecretFile[];
  /** Folders of its host that it sees. */
  readonly volumes?: readonly Volume[];
  /** `outside`: a network with a way out (the gate, an ingress, a link); `none`: loopback of its own and the sockets below. */
  readonly network: 'none' | 'outside';
  /** Listeners made outside and handed in as descriptors, in this order from fd 4 on (fd 3 is the life line). */
  readonly listeners: readonly Listener[];
  /** Inside loopback port -> the listener of another service on the same host. */
  readonly forwards: readonly Forward[];
  /** Address and port of the host -> one of this service's listeners (the Control UI). */
  readonly published: readonly Published[];
  readonly limits: Limits;
  readonly health: Health;
  /** Services that must be healthy before this one starts. */
  readonly after: readonly string[];
  readonly stopGraceMs: number;
};

/** A folder of the host, seen at the same path inside. */
export type Volume = { readonly path: string; readonly readOnly: boolean };

export type ServiceFile = {
  readonly name: string;
  readonly content: string;
  /** The service sees a new version by itself; otherwise it is started again. */
  readonly hot?: boolean;
};

/** The secret `name` of the operator's store, seen at /secrets/<file>. */
export type SecretFile = { readonly name: string; readonly file: string };

export type Listener = {
  /** `ingress`, `control`, `egress-<client>`. */
  readonly name: string;
  /** Inside loopback port that the launcher forwards the connections to; absent: the command itself takes the descriptor. */
  readonly toPort?: number;
};

export type Forward = { readonly port: number; readonly service: string; readonly listener: string };

export type Published = { readonly address: string; readonly port: number; readonly listener: string };

export type Limits = {
  readonly memoryMiB: number;
  readonly processes: number;
  readonly openFiles: number;
  readonly fileMiB: number;
  readonly tmpMiB: number;
  /** What its state folder may hold, watched while it runs; absent: it keeps little, within bounds of its own. */
  readonly diskMiB?: number;
};

/**
 * `http`: GET on the service's first listener answers 200. `ready-line`: stdout/stderr said this text; with `ask` it is asked
 * this line over one of its listeners from then on, and whatever it says to that is an answer. `running`: it runs.
 */
export type Health =
  | { readonly kind: 'http'; readonly path: string; readonly timeoutMs: number }
  | {
      readonly kind: 'ready-line';
      readonly text: string;
      readonly timeoutMs: number;
      readonly ask?: { readonly listener: string; readonly line: string };
    }
  | { readonly kind: 'running'; readonly timeoutMs: number };
