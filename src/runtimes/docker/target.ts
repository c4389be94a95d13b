import { Problem } from '../../core/problem.ts';
import type { DockerInfo } from '../../hosts/docker-facts.ts';
import type { ResolvedImage } from './image.ts';
import { parseNetwork, type Ipv4Network } from './subnet.ts';

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

/** What is known of an engine and an image, for rendering. `openclaw` stands in where the image does not tell its version. */
export function targetOf(of: {
  readonly info: Pick<
    DockerInfo,
    'CpuCfsQuota' | 'CPUSet' | 'PidsLimit' | 'MemoryLimit' | 'SwapLimit' | 'SecurityOptions' | 'KernelVersion' | 'NCPU'
  >;
  readonly image: Pick<ResolvedImage, 'image' | 'openclaw' | 'ipv6'>;
  readonly openclaw: string;
  readonly subnet: string;
}): DockerTarget {
  const { info, image } = of;
  const subnet = parseNetwork(of.subnet);
  if (!subnet) {
    throw new Problem('docker/subnet', `${of.subnet} is no IPv4 network`, {
      cause: 'it is not a first address with the length of a prefix, like 10.87.16.0/20',
      fix: 'set subnet of the host to a free private /20 in lobsterpot.yaml, then run: lobsterpot up',
    });
  }
  return {
    image: image.image,
    openclaw: image.openclaw ?? of.openclaw,
    kernel: info.KernelVersion,
    cpus: Math.max(1, info.NCPU),
    can: {
      cpuQuota: info.CpuCfsQuota,
      cpuSet: info.CPUSet,
      pids: info.PidsLimit,
      memory: info.MemoryLimit,
      swap: info.SwapLimit,
      seccomp: info.SecurityOptions.some((one) => one.startsWith('name=seccomp') && !one.includes('profile=unconfined')),
    },
    ipv6: image.ipv6,
    subnet,
  };
}
