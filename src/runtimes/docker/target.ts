import type { Ipv4Network } from './subnet.ts';

/** What rendering needs to know of the host, its engine and the image. */
export type DockerTarget = {
  /** A digest reference or an image's id: never a tag that could come to mean another image. */
  readonly image: string;
  /** The OpenClaw that is in it. */
  readonly openclaw: string;
  /** Of the engine's machine, as `uname -r` tells it. */
  readonly kernel: string;
  readonly cpus: number;
  /** What this engine's kernel can limit (`docker info`). */
  readonly can: {
    /** CpuCfsQuota: without it `cpus` is refused. */
    readonly cpuQuota: boolean;
    readonly cpuSet: boolean;
    /** PidsLimit: without it `pids_limit` is dropped with a warning only. */
    readonly pids: boolean;
    readonly memory: boolean;
    readonly swap: boolean;
    readonly seccomp: boolean;
  };
  /** The kernel knows IPv6, so it can be switched off in each container. */
  readonly ipv6: boolean;
  /** What the deployment's networks are cut from. */
  readonly subnet: Ipv4Network;
};
