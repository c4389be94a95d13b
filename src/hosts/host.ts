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
};

/** A machine that lobsterpot manages. Quoting, sudo and time limits live in this room only. */
export type Host = {
  readonly name: string;
  facts(): Promise<HostFacts>;
  run(argv: readonly string[], options: RunOptions): Promise<RunResult>;
  stat(paths: readonly string[]): Promise<readonly FileState[]>;
  /** undefined: absent. At most 16 MiB. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Atomic: a temporary file with the final mode and owner, then a rename. Never follows a link at `path`. */
  write(path: string, content: string | Uint8Array, as: { readonly mode: number; readonly owner?: Owner }): Promise<void>;
  /** Makes the folder and its parents (parents 0700); sets mode and owner of the last one. */
  makeFolder(path: string, as: { readonly mode: number; readonly owner?: Owner }): Promise<void>;
  remove(path: string): Promise<void>;
  /** Names in a folder, sorted; none when it is absent. */
  list(path: string): Promise<readonly string[]>;
};
