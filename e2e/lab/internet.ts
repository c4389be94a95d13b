import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAdmin } from './admin.ts';
import { makeAuthority } from './certificate.ts';
import { Ledger } from './contact.ts';
import { startResolver } from './dns-server.ts';
import { startTcp, startUdp } from './listeners.ts';
import { modelServer } from './model-server.ts';
import { otherModels } from './other-models.ts';
import { peerSite } from './peer-site.ts';
import { telegramRequests, telegramServer } from './telegram-server.ts';
import { Zone } from './zone.ts';

// The program that is the lab's internet. Started by lab.sh in the internet's namespace; ends with it.
const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: internet.ts FOLDER');
const ledger = new Ledger();
const zone = new Zone();
const authority = makeAuthority('lobsterpot lab test authority', Date.now());
const modelKey = readFileSync(join(folder, 'model-key'), 'utf8').trim();
const model = modelServer(modelKey, ledger);
const telegram = telegramServer(readFileSync(join(folder, 'telegram-token'), 'utf8').trim(), ledger);
await startResolver(zone, ledger);
await startTcp({
  authority,
  ledger,
  sites: {
    model: model.handle,
    'other-models': otherModels(modelKey, ledger),
    telegram: telegram.handle,
    peer: peerSite(modelKey, folder, ledger),
  },
});
await startUdp(ledger);
await startAdmin(join(folder, 'admin.sock'), { ledger, model, zone, more: telegramRequests(telegram) });
writeFileSync(join(folder, 'ca.pem'), authority.certificate, { mode: 0o644 });
writeFileSync(join(folder, 'ready'), '');
