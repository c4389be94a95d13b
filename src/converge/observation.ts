import type { FileState } from '../hosts/host.ts';
import type { ServiceState } from '../runtimes/runtime.ts';

/** What was read of one deployment before planning. Nothing is assumed: what could not be read is `unchecked`. */
export type Observation = {
  /** By the host's name. */
  readonly sites: ReadonlyMap<string, SiteObservation>;
  /** Names of the secrets that the operator's store holds, with the digest of each. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Node name -> how its gateway sees it. */
  readonly nodes: ReadonlyMap<string, NodeObservation>;
  /** What earlier files asked for and this one does not: nodes that are enrolled, accounts that hold keys of tunnels. */
  readonly left: {
    readonly nodes: readonly string[];
    /** The devices of those nodes, and of identities that are being replaced: whoever replaces them forgets them. */
    readonly devices: ReadonlySet<string>;
    readonly accounts: readonly { readonly host: string; readonly user: string }[];
  };
  /** Devices that are paired with a gateway and that no file speaks of; those of gateways that do not run are not known. */
  readonly strangers: readonly {
    readonly host: string;
    readonly gateway: string;
    readonly device: string;
    readonly displayName?: string;
  }[];
  /** Node name -> what its gateway's host lets its tunnel's key do. */
  readonly links: ReadonlyMap<string, LinkObservation>;
};

export type SiteObservation = {
  /** What services are run from is there and complete. */
  readonly base: boolean;
  /** State of each artifact's and placed secret's path, relative to the deployment's folder; also of stray secrets and specifications. */
  readonly files: ReadonlyMap<string, FileState>;
  readonly services: readonly ServiceState[];
};

export type NodeObservation =
  | { readonly state: 'enrolled'; readonly deviceId: string; readonly execPolicy: 'current' | 'differs' | 'unchecked' }
  | { readonly state: 'not-enrolled'; readonly reason: string }
  | { readonly state: 'unchecked'; readonly reason: string };

export type LinkObservation =
  | { readonly state: 'authorised' }
  | { readonly state: 'not-authorised'; readonly reason: string }
  | { readonly state: 'unchecked'; readonly reason: string };
