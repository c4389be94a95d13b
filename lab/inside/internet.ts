import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { startAdmin } from '../../e2e/lab/admin.ts';
import { makeAuthority } from '../../e2e/lab/certificate.ts';
import { Ledger } from '../../e2e/lab/contact.ts';
import { startResolver } from '../../e2e/lab/dns-server.ts';
import { startTcp, startUdp } from '../../e2e/lab/listeners.ts';
import { modelServer } from '../../e2e/lab/model-server.ts';
import { otherModels } from '../../e2e/lab/other-models.ts';
import { telegramRequests, telegramServer } from '../../e2e/lab/telegram-server.ts';
import { Zone } from '../../e2e/lab/zone.ts';
import { ADDRESS } from '../net.ts';
import { outside } from './network.ts';

const contact = z.object({ host: z.string(), to: z.string(), from: z.string() });

/** Starts the internet in this process's network; tests reach its switchboard at FOLDER/admin.sock. */
export async function startInternet(folder: string): Promise<void> {
  const secret = (name: string): string => readFileSync(join(folder, name), 'utf8').trim();
  const ledger = new Ledger();
  const zone = new Zone();
  zone.set('nas.lab.test', { kind: 'same', addresses: [ADDRESS.nas] });
  const authority = makeAuthority('lobsterpot lab test authority', Date.now());
  const model = modelServer(secret('model-key'), ledger);
  const telegram = telegramServer(secret('telegram-token'), ledger);
  await startResolver(zone, ledger);
  const others = otherModels(secret('model-key'), ledger);
  await startTcp({ authority, ledger, sites: { model: model.handle, 'other-models': others, telegram: telegram.handle } });
  await startUdp(ledger);
  await startAdmin(join(folder, 'admin.sock'), {
    ledger,
    model,
    zone,
    more: {
      ...telegramRequests(telegram),
      'GET /outside': outside,
      'POST /canary': (body) => Promise.resolve(ledger.note({ kind: 'canary', ...contact.parse(body) })),
    },
  });
  writeFileSync(join(folder, 'ca.pem'), authority.certificate, { mode: 0o644 });
}
