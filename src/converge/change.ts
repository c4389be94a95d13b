import { plainText } from '../core/plain-text.ts';
import type { Owner } from '../hosts/host.ts';

/** What a change may cost the user. */
export type Risk = 'none' | 'restart' | 'data' | 'exposure';

/** One thing that `up` would do. Secrets appear by name only. */
export type Change =
  | { readonly kind: 'install-runtime'; readonly host: string; readonly version: string }
  | { readonly kind: 'pull-image'; readonly host: string; readonly image: string }
  | {
      readonly kind: 'make-folder';
      readonly host: string;
      readonly path: string;
      readonly mode: number;
      readonly owner: Owner;
      readonly reason: Difference;
    }
  | {
      readonly kind: 'write-file';
      readonly host: string;
      readonly path: string;
      readonly service: string;
      readonly content: string;
      readonly mode: number;
      readonly owner: Owner;
      readonly reason: Difference;
      readonly effect: 'hot' | 'restart';
    }
  | { readonly kind: 'generate-secret'; readonly host: string; readonly secret: string; readonly form: SecretForm }
  | {
      readonly kind: 'place-secret';
      readonly host: string;
      readonly secret: string;
      readonly service: string;
      readonly path: string;
      readonly owner: Owner;
      readonly reason: Difference;
    }
  | { readonly kind: 'withdraw-secret'; readonly host: string; readonly secret: string; readonly service: string; readonly path: string }
  /** The key of a node's tunnel, for one account of the gateway's host, with nothing allowed but that tunnel. */
  | { readonly kind: 'authorise-link'; readonly host: string; readonly node: string; readonly reason: string }
  | { readonly kind: 'withdraw-link'; readonly host: string; readonly user: string }
  /** A node that the file names no more: its gateway knows it no longer. */
  | { readonly kind: 'forget-node'; readonly host: string; readonly node: string }
  /** A device that somebody paired with a gateway by hand. */
  | {
      readonly kind: 'forget-device';
      readonly host: string;
      readonly gateway: string;
      readonly device: string;
      readonly displayName?: string;
    }
  /** A host that the file names no more: nothing runs on it any longer. */
  | { readonly kind: 'leave-host'; readonly host: string }
  | { readonly kind: 'stop-service'; readonly host: string; readonly service: string; readonly reason: string }
  | { readonly kind: 'start-service'; readonly host: string; readonly service: string; readonly reason: string; readonly running: boolean }
  | { readonly kind: 'enrol-node'; readonly host: string; readonly node: string; readonly gateway: string; readonly reason: string }
  | { readonly kind: 'set-exec-policy'; readonly host: string; readonly node: string; readonly reason: string };

/** What lobsterpot makes: 32 random bytes, or the key of a tunnel. */
export type SecretForm = 'token' | 'link-key';

/** How what is there differs from what should be there. */
export type Difference = 'missing' | 'content' | 'mode' | 'owner' | 'not-plain';

/** The same for people. */
export const DIFFERENCE: Record<Difference, string> = {
  missing: 'missing',
  content: 'content differs',
  mode: 'mode differs',
  owner: 'owner differs',
  'not-plain': 'something else is in its place',
};

/** The risk that the plan shows beside a change. */
export function riskOfChange(change: Change): Risk {
  switch (change.kind) {
    case 'write-file':
      return change.effect === 'restart' ? 'restart' : 'none';
    case 'stop-service':
    case 'leave-host':
      return 'restart';
    case 'start-service':
      return change.running ? 'restart' : 'none';
    case 'authorise-link':
      return 'exposure';
    case 'forget-device':
      return 'data';
    case 'install-runtime':
    case 'withdraw-link':
    case 'forget-node':
    case 'pull-image':
    case 'make-folder':
    case 'generate-secret':
    case 'place-secret':
    case 'withdraw-secret':
    case 'enrol-node':
    case 'set-exec-policy':
      return 'none';
  }
}

/** One line of `lobsterpot plan`, without its host. */
export function describeChange(change: Change): string {
  switch (change.kind) {
    case 'install-runtime':
      return `+ openclaw   install ${change.version}`;
    case 'pull-image':
      return `+ image      bring ${change.image}`;
    case 'authorise-link':
      return `+ link       let the tunnel of node ${change.node} in (${change.reason})`;
    case 'withdraw-link':
      return `- link       take back the keys that ${change.user} lets in`;
    case 'forget-node':
      return `- node ${change.node}   its gateway forgets it (not in the file any more)`;
    case 'forget-device':
      return `- device     gateway ${change.gateway} forgets ${change.device.slice(0, 12)}, which was paired by hand${change.displayName === undefined ? '' : ` (calls itself ${plainText(change.displayName, 60)})`}`;
    case 'leave-host':
      return `- host       stop everything on it (not in the file any more); its state is kept`;
    case 'make-folder':
      return `+ folder     ${change.path} (${DIFFERENCE[change.reason]})`;
    case 'write-file':
      return `~ ${change.service}   write ${change.path} (${DIFFERENCE[change.reason]})`;
    case 'generate-secret':
      return `+ secret     generate ${change.secret}`;
    case 'place-secret':
      return `~ ${change.service}   secret ${change.secret} (${DIFFERENCE[change.reason]})`;
    case 'withdraw-secret':
      return `- ${change.service}   secret ${change.secret} is no longer its own`;
    case 'stop-service':
      return `- ${change.service}   stop (${change.reason})`;
    case 'start-service':
      return `${change.running ? '!' : '+'} ${change.service}   ${change.running ? 'restart' : 'start'} (${change.reason})`;
    case 'enrol-node':
      return `+ node ${change.node}   enrol with gateway ${change.gateway} (${change.reason})`;
    case 'set-exec-policy':
      return `~ node ${change.node}   exec policy (${change.reason})`;
  }
}

/** Why a change is needed. */
export function reasonOfChange(change: Change): string {
  switch (change.kind) {
    case 'install-runtime':
    case 'pull-image':
      return 'it is not on the host';
    case 'generate-secret':
      return 'it was never made';
    case 'withdraw-secret':
      return 'the service does not need it any more';
    case 'withdraw-link':
    case 'forget-node':
    case 'leave-host':
      return 'not in the file any more';
    case 'forget-device':
      return 'the file does not name it';
    default:
      return change.reason;
  }
}

/** A change as `--json` and the journal show it: no file content, no secret. */
export function publicChange(change: Change): Record<string, unknown> {
  const told = { reason: reasonOfChange(change), risk: riskOfChange(change) };
  if (change.kind !== 'write-file') return { ...change, ...told };
  const { content, ...shown } = change;
  return { ...shown, bytes: Buffer.byteLength(content), ...told };
}
