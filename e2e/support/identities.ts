import { labRefusal } from '../lab/in-lab.ts';

/** As whom a suite in the lab runs: its name, how the lab is told, and why it cannot. */
export type Identity = { readonly name: string; readonly options: { readonly asUser?: number }; readonly skip: string | false };

/**
 * Root runs a suite as root and once more as `ordinaryUser`; an ordinary user as itself. Where a run as an ordinary user follows
 * by itself (`LOBSTERPOT_USER_RUN_FOLLOWS`), root leaves that one out.
 */
export async function identities(ordinaryUser: number): Promise<readonly Identity[]> {
  const refusal = await labRefusal();
  const isRoot = process.getuid?.() === 0;
  const both: readonly Identity[] = [
    { name: 'as root', options: {}, skip: refusal === false && !isRoot ? 'only root can run as root' : refusal },
    { name: 'as an ordinary user', options: isRoot ? { asUser: ordinaryUser } : {}, skip: refusal },
  ];
  return isRoot && process.env['LOBSTERPOT_USER_RUN_FOLLOWS'] === '1' ? both.slice(0, 1) : both;
}
