import type { Host } from '../hosts/host.ts';
import type { KeysLook } from '../hosts/keys-look.ts';
import type { LyingImage, UsedImage } from '../runtimes/docker/old-images.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { Connect, RuntimeKind } from '../topology/deployment.ts';

/** One host of a deployment, opened: its files, what runs its services, and what these are run from. */
export type Site = {
  /** The host's name in the user's file. */
  readonly name: string;
  readonly kind: RuntimeKind;
  readonly containment: 'full' | 'none';
  /** The host itself, as the user who is let in there. */
  readonly machine: Host;
  /** The same with the rights that the files below `root` need. */
  readonly host: Host;
  /** Absolute folder of the deployment's files there. */
  readonly root: string;
  readonly runtime: Runtime;
  readonly base: Base;
  /** What was chosen for this host when it was opened, to be kept from then on. */
  readonly chosen: HostRecord;
  /** Keys that the host told of when it was opened. */
  readonly keys?: KeysLook;
};

/** What is found out about a host once and must stay as it is. */
export type HostRecord = {
  readonly image?: PinnedImage;
  /** The private network that the deployment's own ones are cut from. */
  readonly subnet?: string;
  /** Where containers were put on it, and how it is reached: also when the file names it no more. */
  readonly place?: { readonly root: string; readonly connect: Connect };
  /** Public keys (`TYPE BASE64`) of its ssh server, where links lead to it. */
  readonly hostKeys?: readonly string[];
};

/** The image that was asked for, the exact one that it stood for, and what is in it. */
export type PinnedImage = { readonly asked: string; readonly pinned: string; readonly openclaw: string; readonly ipv6: boolean };

/** What services are run from: OpenClaw installed on the host, or an image. */
export type Base = {
  readonly kind: 'install-runtime' | 'pull-image';
  /** The version or the image, as the plan shows it. */
  readonly name: string;
  isThere(): Promise<boolean>;
  bring(say: (text: string) => void): Promise<void>;
  /** Images that services were run from before: which may be removed from the host, and their removal. */
  readonly old?: {
    find(used: readonly UsedImage[]): Promise<readonly LyingImage[]>;
    remove(image: LyingImage): Promise<void>;
  };
};
