import type { Duplex } from 'node:stream';

import type { Finding } from '../core/finding.ts';
import type { FileState, Owner, RunResult } from '../hosts/host.ts';
import type { Service } from '../services/service.ts';

/** One thing that must be on a host for the deployment to run: a folder or a file, or a service's start order. */
export type Artifact =
  | {
      readonly kind: 'folder';
      readonly host: string;
      readonly path: string;
      readonly mode: number;
      readonly owner: Owner;
      readonly service: string;
    }
  | {
      readonly kind: 'file';
      readonly host: string;
      /** Relative to the deployment's folder. */
      readonly path: string;
      readonly content: string;
      readonly mode: number;
      readonly owner: Owner;
      /** The service that reads it. */
      readonly service: string;
      /** `hot`: the service sees the change by itself; `restart`: it must be started again. */
      readonly onChange: 'hot' | 'restart';
    };

/** How a service is, as its runtime sees it. */
export type ServiceState = {
  readonly name: string;
  readonly state: 'absent' | 'stopped' | 'starting' | 'healthy' | 'unhealthy' | 'backing-off';
  /** Digest of the specification it was started from. */
  readonly spec?: string;
  readonly pid?: number;
  readonly sinceMs?: number;
  readonly restarts?: number;
  /** What somebody changed on it by hand since its start; starting it anew puts it right. */
  readonly drift?: string;
  /** Why it could not be compared with what it was started from. */
  readonly unchecked?: string;
  /** Why it is not healthy: its last words, cleaned. */
  readonly lastError?: string;
  /** What its state folder holds, where that is watched; told by the watch, which in a container runs as the service's own user. */
  readonly disk?: DiskReport;
};

/** The last word of a watch over a folder. */
export type DiskReport = {
  readonly limitKiB: number;
  /** As it was at `atMs`; absent: not measured yet. */
  readonly usedKiB?: number;
  readonly atMs?: number;
  /** How long measuring it took; the next one comes twenty times later, and ten seconds at least. */
  readonly tookMs?: number;
  /** Of the file system where it lies. */
  readonly freeKiB?: number;
  readonly sizeKiB?: number;
  /** Why the service was ended and is not started; absent: it may run. */
  readonly held?: string;
};

/** What lies on a host, and how its services are. */
export type Survey = { readonly services: readonly ServiceState[]; readonly files: ReadonlyMap<string, FileState> };

/** What a runtime needs to know about the deployment's place on this host. */
export type Place = {
  readonly deployment: string;
  /** Absolute folder of the deployment's state, 0700. */
  readonly root: string;
  /** Absolute folder of the installed OpenClaw runtime (holds node_modules). */
  readonly runtime: string;
  /** `none` is explicit in the user's file and is reported in red everywhere. */
  readonly containment: 'full' | 'none';
};

/** Renders Services and runs them. One folder per runtime; B adds docker beside process. */
export type Runtime = {
  /** Pure and byte-stable. */
  render(services: readonly Service[]): readonly Artifact[];
  observe(): Promise<readonly ServiceState[]>;
  /**
   * Reads in one go what a plan compares: the services, and what lies at each of the paths (relative to the deployment's folder),
   * at every `services/<name>/spec.json` and every `services/<name>/secrets/<file>`. A path that is not in the answer is absent.
   */
  survey(paths: readonly string[]): Promise<Survey>;
  /** Removes what earlier runs, which were cut off, left beside the services; gives how many. Asks for nothing that costs a round trip of its own. */
  tidy?(): Promise<number>;
  /** Starts or restarts the named services in order and waits until each is healthy. Throws a Problem with the last log lines. */
  start(names: readonly string[], onStep?: (name: string, state: ServiceState) => void): Promise<void>;
  stop(names: readonly string[]): Promise<void>;
  /** Stops everything and whatever watches over it. */
  shutdown(): Promise<void>;
  /**
   * Runs one command with the service's identity, state, limits and network, beside it (its own sandbox);
   * `command` as in `Service.command`.
   */
  once(service: string, command: readonly string[], options: { readonly stdin?: string; readonly timeoutMs: number }): Promise<RunResult>;
  /** Runs one command *inside the running service's own namespaces*, as its identity: what a probe needs. */
  inside(service: string, command: readonly string[], options: { readonly stdin?: string; readonly timeoutMs: number }): Promise<RunResult>;
  /** A byte stream to one of a running service's listeners, for the operator (the gate's control, a gateway's port). The caller destroys it. */
  connect(service: string, listener: string): Promise<Duplex>;
  /** What this host cannot enforce for these services. */
  notEnforced(): Promise<readonly Finding[]>;
  /** The last lines of a service's log, untrusted text. */
  logs(service: string, lines: number): Promise<readonly string[]>;
};
