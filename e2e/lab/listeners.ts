import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { LAB, roleOf, TCP_PORTS, UDP_ADDRESSES, UDP_PORTS } from './addresses.ts';
import type { Role } from './addresses.ts';
import type { Authority } from './certificate.ts';
import type { Ledger } from './contact.ts';

/**
 * The stand-ins on TCP: every port at every owned address accepts and is noted; 443 and 8443 have a certificate of
 * the lab's authority for whatever name is asked for (the most capable enemy), 22 a banner, the others speak plain HTTP.
 */
export async function startTcp(parts: {
  readonly authority: Authority;
  readonly ledger: Ledger;
  /** Who answers requests over TLS in place of the plain greeting, and notes them. */
  readonly sites: Readonly<Partial<Record<Role, RequestListener>>>;
}): Promise<void> {
  const { authority, ledger, sites } = parts;
  const contexts = new Map<string, SecureContext>();
  const contextFor = (name: string): SecureContext => {
    const known = contexts.get(name);
    if (known) return known;
    const issued = authority.issue([name]);
    const context = createSecureContext({ cert: issued.certificate, key: issued.key });
    contexts.set(name, context);
    return context;
  };
  const serve = (name: string, done: (error: Error | null, context: SecureContext) => void): void => {
    // Noted at once: a client may be gone before the handshake is over on this side.
    ledger.note({ kind: 'hello', sni: name });
    done(null, contextFor(name));
  };
  const fallback = authority.issue(['nameless.lab.test', LAB.model, LAB.hostile, LAB.metadata]);
  const https = createHttps(
    { cert: fallback.certificate, key: fallback.key, ALPNProtocols: ['http/1.1'], SNICallback: serve },
    (request, response) => {
      const to = plain(request.socket.localAddress);
      const site = sites[roleOf(to)];
      if (site) return site(request, response);
      ledger.note({
        kind: 'request',
        to,
        method: request.method ?? '',
        path: request.url ?? '',
        host: request.headers.host ?? '',
        key: 'none',
      });
      response.end(`lab ${roleOf(to)}\n`);
    },
  );
  https.on('secureConnection', (socket) => {
    const to = plain(socket.localAddress);
    const sni = typeof socket.servername === 'string' ? socket.servername : '';
    ledger.note({ kind: 'tls', role: roleOf(to), to: `${to}:${socket.localPort ?? 0}`, sni });
  });
  const http = createHttp((request, response) => {
    const to = plain(request.socket.localAddress);
    ledger.note({
      kind: 'request',
      to,
      method: request.method ?? '',
      path: request.url ?? '',
      host: request.headers.host ?? '',
      key: 'none',
    });
    response.end(`lab ${roleOf(to)}\n`);
  });
  https.on('tlsClientError', (error, socket) => {
    const to = plain(socket.localAddress);
    ledger.note({ kind: 'not-tls', role: roleOf(to), to: `${to}:${socket.localPort ?? 0}`, why: error.message.slice(0, 120) });
    socket.destroy();
  });
  https.on('clientError', (_error, socket) => socket.destroy());
  http.on('clientError', (_error, socket) => socket.destroy());
  const accept = (socket: Socket): void => {
    const to = plain(socket.localAddress);
    const at = `${to}:${socket.localPort ?? 0}`;
    ledger.note({ kind: 'tcp', role: roleOf(to), to: at, from: plain(socket.remoteAddress) });
    socket.on('error', () => socket.destroy());
    if (socket.localPort === 22) {
      socket.end('SSH-2.0-lab_hostile\r\n');
      return;
    }
    const timer = setTimeout(() => socket.destroy(), 60_000);
    socket.once('close', () => clearTimeout(timer));
    // Handed over unread: a TLS server takes the descriptor itself and would miss bytes that were looked at before.
    (socket.localPort === 443 || socket.localPort === 8443 ? https : http).emit('connection', socket);
  };
  const everywhere = existsSync('/proc/sys/net/ipv6') ? '::' : '0.0.0.0';
  const places = [...TCP_PORTS.map((port) => ({ port, host: everywhere })), ...UDP_ADDRESSES.map((host) => ({ port: 53, host }))];
  for (const place of places) {
    const server = createServer(accept);
    server.listen(place);
    await once(server, 'listening');
  }
}

/** Notes every datagram at the addresses where one may be tried. */
export async function startUdp(ledger: Ledger): Promise<void> {
  for (const address of UDP_ADDRESSES) {
    for (const port of UDP_PORTS) {
      const socket = createSocket('udp4');
      socket.on('message', (message) => ledger.note({ kind: 'udp', to: `${address}:${port}`, bytes: message.length }));
      socket.bind(port, address);
      await once(socket, 'listening');
    }
  }
}

function plain(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '');
}
