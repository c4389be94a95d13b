import type { FileState } from '../hosts/host.ts';
import type { ServiceState } from '../runtimes/runtime.ts';

/** What was read of one deployment before planning. Nothing is assumed: what could not be read is `unchecked`. */
export type Observation = {
  /** The OpenClaw runtime is installed and complete. */
  readonly runtimeInstalled: boolean;
  /** State of each artifact's and placed secret's path (relative to the deployment's folder). */
  readonly files: ReadonlyMap<string, FileState>;
  readonly services: readonly ServiceState[];
  /** Names under services/ that have a specification on disk. */
  readonly known: readonly string[];
  /** Names of the secrets that the operator's store holds, with the digest of each. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Node name -> how its gateway sees it. */
  readonly nodes: ReadonlyMap<string, NodeObservation>;
};

export type NodeObservation =
  | { readonly state: 'enrolled'; readonly deviceId: string; readonly execPolicy: 'current' | 'differs' | 'unchecked' }
  | { readonly state: 'not-enrolled'; readonly reason: string }
  | { readonly state: 'unchecked'; readonly reason: string };
