import type { FileState, Owner } from './host.ts';

/** What a deployment wants to know of a host before anything is changed there, beside the plain facts. */
export type LookRequest = {
  /** Absolute, or `~/...` below the home folder. */
  readonly paths: readonly string[];
  /** Accounts that are to take a key. */
  readonly accounts: readonly string[];
  readonly image?: string;
  /** The label (`key=value`) of the containers that are ours, and the one that names their service. */
  readonly label?: { readonly own: string; readonly name: string };
};

/** What was seen at a path. `hidden`: a folder above it lets nobody look in. */
export type PathLook = {
  readonly state: 'there' | 'absent' | 'hidden';
  /** What the following tells of: the path itself, or the nearest folder above that is there. */
  readonly at: string;
  readonly kind: 'folder' | 'file' | 'other';
  /** The last part is a link; the rest tells of what it leads to. */
  readonly isLink: boolean;
  readonly mode: number;
  readonly owner: Owner;
  /** Rules beside the mode decide too (Windows ACLs of Synology, ACLs of macOS). */
  readonly acl: boolean;
  /** What the user of the connection may do there. */
  readonly access: { readonly read: boolean; readonly write: boolean; readonly enter: boolean };
  readonly disk?: DiskLook;
};

export type DiskLook = { readonly device: string; readonly freeMiB: number; readonly mountedAt: string };

/** An account of the host, and what stands where its keys lie. */
export type AccountLook = {
  readonly owner: Owner;
  readonly home: string;
  readonly place: { readonly home: FileState; readonly folder: FileState; readonly file: FileState };
  /** Its folder of keys could not be looked into. */
  readonly isHidden: boolean;
};

export type Look = {
  readonly paths: ReadonlyMap<string, PathLook>;
  /** IPv4, loopback among them. */
  readonly addresses: readonly string[];
  /** Number -> name of the host's own accounts; none where they could not be read. */
  readonly users: ReadonlyMap<number, string>;
  readonly groups: readonly string[];
  /** Of those asked for; absent: no such account. */
  readonly accounts: ReadonlyMap<string, AccountLook>;
  /** Absent: sshd's settings cannot be read. */
  readonly sshd?: { readonly tcpForwarding: string };
  /** macOS: minutes until it sleeps (0: never), and what happens after a power cut. */
  readonly power?: { readonly sleep?: number; readonly autoRestart?: boolean };
  readonly fileVault?: boolean;
  /** Who is logged in by itself after a start of macOS. */
  readonly autoLogin?: string;
  readonly engineDisk?: DiskLook;
  /** Services of the deployment that have a running container. */
  readonly running: ReadonlySet<string>;
  readonly image?: 'absent' | { readonly os: string; readonly arch: string; readonly id: string };
};
