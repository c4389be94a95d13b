import { z } from 'zod';
import { askLab, currentLab, type LabClient } from '../e2e/lab/lab-client.ts';

/** The lab's internet, as a test sees it: the ledger, the scripts of the stand-ins. */
export type Internet = LabClient & {
  /** Addresses that are no part of the lab and that somebody tried, as `address protocol port`; each was refused. */
  outside(): Promise<readonly string[]>;
};

/** The internet of the lab whose files lie in `folder`. */
export function internetOf(folder: string): Internet {
  const client = currentLab({ LOBSTERPOT_LAB: folder });
  if (!client) throw new TypeError('no lab');
  return { ...client, outside: async () => z.array(z.string()).parse(JSON.parse(await askLab(folder, 'GET', '/outside'))) };
}
