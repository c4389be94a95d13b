import { request } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { currentLab, type LabClient } from '../e2e/lab/lab-client.ts';

/** The lab's internet, as a test sees it: the ledger, the scripts of the stand-ins. */
export type Internet = LabClient & {
  /** Addresses that are no part of the lab and that somebody tried, as `address protocol port`; each was refused. */
  outside(): Promise<readonly string[]>;
};

/** The internet of the lab whose files lie in `folder`. */
export function internetOf(folder: string): Internet {
  const client = currentLab({ LOBSTERPOT_LAB: folder });
  if (!client) throw new TypeError('no lab');
  return { ...client, outside: async () => z.array(z.string()).parse(await get(folder, '/outside')) };
}

function get(folder: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: join(folder, 'admin.sock'), path, timeout: 5000 }, (response) => {
      json(response).then(resolve, reject);
    });
    asked.once('timeout', () => asked.destroy(new Error('lab: no answer in 5 s')));
    asked.once('error', reject);
    asked.end();
  });
}
