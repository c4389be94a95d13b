import { z } from 'zod';

/** How a service is run. */
export const runtimeSchema = z.enum(['process', 'docker'], { error: 'process or docker' }).optional().meta({
  description:
    'How the service is run. `docker`: in a container. `process`: as local processes of this machine, without Docker. All services of a host are run in one way; without it: as the others of its host, else `process` on this machine and `docker` on a host that is reached over ssh.',
});

/** Whether a service is contained. */
export const containmentSchema = z.enum(['full', 'none'], { error: 'full or none' }).default('full').meta({
  description:
    '`full`: the service runs in namespaces of its own and its only way out is the gate. `none`: an ordinary process of your user, reported as not contained by every command; only with `runtime: process`.',
});
