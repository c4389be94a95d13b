import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LAN_UPLINK, type Machine, netPlan, OUTSIDE_RULES } from '../net.ts';
import { must } from './act.ts';

/** Makes the LAN and a network namespace for each machine; the keeper's own becomes the internet. */
export async function makeNetwork(folder: string, machines: readonly Machine[]): Promise<(name: string) => string> {
  const file = (name: string): string => join(folder, `${name}.net`);
  for (const name of [...machines.map((one) => one.name), 'lan']) {
    writeFileSync(file(name), '');
    await must(['unshare', `--net=${file(name)}`, '/bin/true']);
  }
  const plan = netPlan(machines, file);
  const batch = (lines: readonly string[], name?: string): Promise<string> =>
    must([...(name === undefined ? [] : ['nsenter', `--net=${file(name)}`]), 'ip', '-batch', '-'], { stdin: `${lines.join('\n')}\n` });
  await batch(plan.internet);
  await batch([...plan.lan, ...LAN_UPLINK], 'lan');
  await Promise.all(plan.places.map(({ name, lines }) => batch(lines, name)));
  // A router that forwards answers "unreachable"; one that does not forward says nothing.
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  await must(['nft', '-f', '-'], { stdin: OUTSIDE_RULES });
  return file;
}

const listing = z.object({
  nftables: z.array(
    z.looseObject({
      set: z
        .looseObject({
          elem: z.array(z.object({ concat: z.tuple([z.string(), z.union([z.string(), z.number()]), z.number()]) })).optional(),
        })
        .optional(),
    }),
  ),
});

/** What somebody tried that is no part of the lab, as `address protocol port`. */
export async function outside(): Promise<readonly string[]> {
  const read = listing.parse(JSON.parse(await must(['nft', '-j', 'list', 'set', 'ip', 'lab', 'outside'])));
  return read.nftables.flatMap(({ set }) => set?.elem ?? []).map(({ concat }) => concat.join(' '));
}
