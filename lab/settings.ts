import { z } from 'zod';

/** What the keeper of a lab is told; written before it starts. */
export const settings = z.object({
  id: z.string(),
  /** The project and this Node, which the mac shows at /opt. */
  project: z.string(),
  node: z.string(),
  /** The engines' image store, as lab/image made it; without it they start empty. */
  template: z.string().optional(),
  nas: z.object({
    dockerNeedsSudo: z.boolean(),
    noSftp: z.boolean(),
    noForwarding: z.boolean(),
    oldKernel: z.boolean(),
    noCpuNoPids: z.boolean(),
  }),
  canaries: z.object({ mac: z.array(z.number()), nas: z.array(z.number()) }),
  /** Compose v2's program, which both hosts have as a plugin of docker. */
  compose: z.string(),
});

export type Settings = z.infer<typeof settings>;

/** What the keeper tells back: the processes that hold the places' namespaces, as the lab numbers them. */
export const standing = z.object({ mac: z.number(), nas: z.number(), operator: z.number() });

export type Standing = z.infer<typeof standing>;
