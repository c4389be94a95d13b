import { z } from 'zod';

const SIZE = 'a size such as 20GiB or 500MiB';
const MIB = { MiB: 1, GiB: 1024, TiB: 1024 ** 2 } as const;

/** How much the state folder of a gateway or a node may hold. */
export const diskSchema = z
  .string({ error: SIZE })
  .regex(/^[1-9][0-9]{0,6}(?:MiB|GiB|TiB)$/, { error: SIZE })
  .default('20GiB')
  .meta({
    description:
      "What its state folder may hold, the agent's workspace with it. The folder is measured all the time; a service that goes beyond is ended, and started again once there is less. A new gateway keeps about 60 MiB. Folders under `volumes` are not counted.",
    examples: ['50GiB'],
  });

/** Mebibytes of a size that the schema let through. */
export function diskMiBOf(size: string): number {
  const [, count = '', unit] = /^(\d+)(MiB|GiB|TiB)$/.exec(size) ?? [];
  if (unit !== 'MiB' && unit !== 'GiB' && unit !== 'TiB') throw new TypeError(`${size} is not ${SIZE}`);
  return Number(count) * MIB[unit];
}
