import { lookup, Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { currentLab } from './lab-client.ts';

// Test fixture: a walk through the lab from its host; prints what it met as one JSON line.
const lab = currentLab();
if (!lab) throw new Error('not in a lab');

const tcp = (host: string, port: number): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (how: string): void => {
      socket.destroy();
      resolve(how);
    };
    socket.once('connect', () => end('connected'));
    socket.once('timeout', () => end('timeout'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'error'));
  });

const ask = (path: string, options: { readonly key?: string; readonly trust: boolean; readonly body: string }): Promise<string> =>
  new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', ...(options.key === undefined ? {} : { 'x-api-key': options.key }) };
    const sent = request(
      { host: 'api.anthropic.com', path, method: 'POST', headers, timeout: 3000, ...(options.trust ? { ca: lab.ca } : {}) },
      (response) => {
        void text(response).then((body) => resolve(`${response.statusCode} ${body}`));
      },
    );
    sent.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    sent.end(options.body);
  });

await lab.setRules([{ when: 'sing', reply: { kind: 'text', text: 'la la' } }]);
const body = (content: string): string => JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content }] });
const key = readFileSync(lab.modelKeyFile, 'utf8').trim();
const resolver = new Resolver({ timeout: 500, tries: 1 });
resolver.setServers(['8.8.8.8']);
const met = {
  uid: process.getuid?.(),
  interfaces: Object.keys(networkInterfaces()).toSorted(),
  resolver: readFileSync('/etc/resolv.conf', 'utf8').split('\n')[0],
  outside: await Promise.all(['9.9.9.9', '203.0.114.1', '10.0.0.1', '172.17.0.1'].map((address) => tcp(address, 443))),
  inside: await Promise.all(
    ['198.51.100.66', '1.1.1.1', '169.254.169.254', '192.168.222.20', '203.0.113.7'].map((address) => tcp(address, 443)),
  ),
  ssh: await tcp('198.51.100.66', 22),
  names: [await lookup('api.anthropic.com'), await lookup('evil.test')].map((one) => one.address),
  unknownName: await lookup('nobody.test').then(
    () => 'found',
    (error: NodeJS.ErrnoException) => error.code,
  ),
  rebinding: [await lookup('rebind.lab.test', 4), await lookup('rebind.lab.test', 4)].map((one) => one.address),
  otherResolver: await resolver.resolve4('canary.test').then(
    () => 'answered',
    (error: NodeJS.ErrnoException) => error.code,
  ),
  trusted: await ask('/v1/messages', { key, trust: true, body: body('please sing') }),
  untrusted: await ask('/v1/messages', { key, trust: false, body: body('x') }),
  wrongKey: await ask('/v1/messages', { key: 'wrong', trust: true, body: body('x') }),
  ledger: await lab.ledger(),
  keyInLedger: JSON.stringify(await lab.ledger()).includes(key),
};
process.stdout.write(`${JSON.stringify(met)}\n`);
