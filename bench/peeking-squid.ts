import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { policyOf } from '../e2e/gate/start-gate.ts';
import { askHealth } from '../src/squid/ask-health.ts';
import { DENIAL_PAGE_NAME, denialPage } from '../src/squid/denial-page.ts';
import { SAME_NAME } from '../src/squid/same-name.ts';
import { squidConf } from '../src/squid/squid-conf.ts';
import { throwawayCertificate } from '../src/squid/throwaway-certificate.ts';
import { type Allowed, type Proxy, ended, pidOf, ready } from './proxies.ts';

const PORT = 13_228;
const MOST = 4000;

/**
 * Squid as lobsterpot writes its configuration for a build with OpenSSL (`program`): addresses checked, and a second pass through
 * itself that reads the ClientHello. Without the keeper around it, so that Squid is what is measured; its log goes where the keeper
 * would take it.
 */
export async function startPeekingSquid(folder: string, allowed: Allowed, program: string): Promise<Proxy> {
  const own = join(folder, 'peeking');
  mkdirSync(own, { recursive: true });
  // Squid gives up root's rights and must still reach what the configuration names.
  for (const path of [folder, own]) chmodSync(path, 0o755);
  const file = (name: string, text: string): string => {
    writeFileSync(join(own, name), text, { mode: 0o644 });
    return join(own, name);
  };
  file(DENIAL_PAGE_NAME, denialPage('bench'));
  const log = createServer((socket) => socket.resume()).listen(PORT + 98, '127.0.0.1');
  await once(log, 'listening');
  const settings = {
    clients: [{ client: 'bench', port: PORT }],
    healthPort: PORT + 97,
    logPort: PORT + 98,
    dns: [allowed.resolver],
    own: [],
    pages: own,
    hop: {
      port: PORT + 99,
      certificateFile: file('hop.pem', throwawayCertificate()),
      sameNameFile: file('same-name.sh', SAME_NAME),
    },
  };
  const rendered = squidConf(policyOf([`${allowed.host} ${allowed.port}`]), settings, Date.now());
  // More at once than its own limits let in: each tunnel is two connections of this client's address.
  const conf = rendered.replace(/^client_ip_max_connections .*$/m, `client_ip_max_connections ${MOST}\nmax_filedescriptors 8192`);
  const child = spawn(program, ['-N', '-n', 'peeking', '-f', file('squid.conf', conf)], { stdio: ['ignore', 'ignore', 'pipe'] });
  // Its second pass answers a moment later than its ports do.
  await ready('squid with OpenSSL', child, async () => (await askHealth(PORT + 97, 200)) === 'well');
  const stop = async (): Promise<void> => {
    await ended(child);
    log.close();
  };
  return { name: 'peeking', pid: pidOf(child), client: () => `127.0.0.1:${PORT}`, stop };
}
