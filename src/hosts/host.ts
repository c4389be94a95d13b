import type { Duplex } from 'node:stream';

import type { DockerFacts } from './docker-facts.ts';
import type { DoorRequest, EngineDoor } from './engine-door.ts';
import type { Look, LookRequest } from './look.ts';

/** Numbers of the identity that a file or process belongs to. */
export type Owner = { readonly uid: number; readonly gid: number };

export type RunOptions = {
  readonly stdin?: string | Uint8Array;
  readonly timeoutMs: number;
  readonly cwd?: string;
  /** The whole environment of the program: nothing is inherited. Default: PATH only. */
  readonly env?: Readonly<Record<string, string>>;
};

/** A child's end. A non-zero exit is data, not an exception. */
export type RunResult = {
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
};

/** What is at a path without following a link at its end. */
export type FileState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'file'; readonly mode: number; readonly owner: Owner; readonly sha256: string; readonly mtimeMs: number }
  | { readonly kind: 'directory'; readonly mode: number; readonly owner: Owner }
  | { readonly kind: 'other' };

/** What a host is and can do, read in one round trip. */
export type HostFacts = {
  readonly platform: 'linux' | 'darwin' | 'other';
  readonly arch: 'x64' | 'arm64' | 'other';
  readonly kernel: string;
  readonly uid: number;
  readonly gid: number;
  readonly user: string;
  readonly memoryMiB: number;
  readonly freeDiskMiB: number;
  /** Absolute paths of the helper programs found on PATH (`unshare`, `setpriv`, `perl`, ...). */
  readonly tools: Readonly<Record<string, string>>;
  readonly hostname?: string;
  /** The home folder of the user. */
  readonly home?: string;
  /** How far the host's clock is ahead of this machine's; absent where it is the same clock. */
  readonly clockSkewMs?: number;
  /** Memory that new programs can have without swapping. */
  readonly availableMiB?: number;
  /** IPv4 routes; `0.0.0.0/0` is the default one. */
  readonly routes?: readonly Route[];
  readonly listening?: readonly Listener[];
  /** Synology only. */
  readonly dsm?: { readonly version: string; readonly build: string };
  readonly macos?: { readonly version: string; readonly build: string };
  /** Over ssh: from where to where the connection goes as the host sees it, and what its sshd_config allows where that can be read. */
  readonly ssh?: {
    readonly from: string;
    readonly at: string;
    readonly port: number;
    readonly tcpForwarding?: string;
    readonly sftp?: boolean;
  };
  /** Present when it was asked for. */
  readonly docker?: DockerFacts;
  /** Present when it was asked for. */
  readonly look?: Look;
};

export type Route = { readonly subnet: string; readonly device: string };

/** A TCP port that is listened on; address `0.0.0.0` or `::` is all of them. */
export type Listener = { readonly address: string; readonly port: number };

/** What is wanted beyond the plain facts: the free space at a folder (default: the home), docker, and a look around. */
export type FactsRequest = { readonly folder?: string; readonly docker?: boolean; readonly look?: LookRequest };

/** A machine that lobsterpot manages. Quoting, sudo and time limits live in this room only. */
export type Host = {
  readonly name: string;
  facts(ask?: FactsRequest): Promise<HostFacts>;
  /** The short way to the host's engine; undefined: there is none, and `facts` tells why. Absent where nobody offers it. */
  engineDoor?(ask: DoorRequest): Promise<EngineDoor | undefined>;
  run(argv: readonly string[], options: RunOptions): Promise<RunResult>;
  /** A byte stream to a program's input and output; a bad end of the program is its error. Leaving the scope ends the program. */
  pipe(argv: readonly string[], options?: Pick<RunOptions, 'cwd' | 'env'>): Duplex & AsyncDisposable;
  stat(paths: readonly string[]): Promise<readonly FileState[]>;
  /** undefined: absent. At most 16 MiB. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** What a plain file has from `offset` on, at most 8 MiB of it, and its whole size; undefined: absent. Absent where only whole files are read. */
  readFrom?(path: string, offset: number): Promise<{ readonly size: number; readonly bytes: Uint8Array } | undefined>;
  /** Atomic: a temporary file with the final mode and owner, then a rename. Never follows a link at `path`. */
  write(path: string, content: string | Uint8Array, as: { readonly mode: number; readonly owner?: Owner }): Promise<void>;
  /** Makes the folder and its parents (parents 0700); sets mode and owner of the last one. */
  makeFolder(path: string, as: { readonly mode: number; readonly owner?: Owner }): Promise<void>;
  remove(path: string): Promise<void>;
  /** Gives what is at `from` the name `to` in one step; a file there is replaced, a folder there is a Problem. */
  rename(from: string, to: string): Promise<void>;
  /** Gives the plain file at `from` a second name, making its parents (0700); false: `to` is taken, and what is there stays. */
  link(from: string, to: string): Promise<boolean>;
  /** Names in a folder, sorted; none when it is absent. */
  list(path: string): Promise<readonly string[]>;
};
