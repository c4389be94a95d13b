import { z } from 'zod';
import { TWO_HOSTS } from './machines.ts';

/** What the keeper of a lab is told; written before it starts. */
export const settings = z.object({
  id: z.string(),
  /** The project and this Node, which the mac shows at /opt. */
  project: z.string(),
  node: z.string(),
  // A lab that was kept from before it could have more has those two.
  hosts: z.array(z.object({ name: z.string(), kind: z.enum(['mac', 'nas']), address: z.string() })).default([...TWO_HOSTS]),
  /** The engines' image store, as lab/image made it; without it they start empty. */
  template: z.string().optional(),
  /** What is odd about every host that is like a NAS. */
  nas: z.object({
    dockerNeedsSudo: z.boolean(),
    noSftp: z.boolean(),
    noForwarding: z.boolean(),
    oldKernel: z.boolean(),
    noCpuNoPids: z.boolean(),
  }),
  /** Ports by the name of a host; one that is not named has none. */
  canaries: z.record(z.string(), z.array(z.number())),
  /** Compose v2's program, which both hosts have as a plugin of docker. */
  compose: z.string(),
});

export type Settings = z.infer<typeof settings>;

/** What the keeper tells back: the processes that hold the places' namespaces by the names of those, as the lab numbers them. */
export const standing = z.record(z.string(), z.number());

export type Standing = z.infer<typeof standing>;
