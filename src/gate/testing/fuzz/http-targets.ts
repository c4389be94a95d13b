import { type IncomingMessage, createServer } from 'node:http';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { normaliseTarget, parseAuthority } from '../../../policy/target.ts';
import type { Target } from '../../../policy/policy.ts';
import { bodyCutter } from '../../body-meter.ts';
import { readHead } from '../../http-head.ts';
import { type GateRequestHead, readInnerRequest, readRequest } from '../../request.ts';
import { type FuzzTarget, fuzzTarget, must } from './fuzz-target.ts';
import { type Where, connectRequests, requests } from './http-requests.ts';
import { readLaxly } from './lax-server.ts';
import { cuts, piecesOf } from './pieces.ts';

type Passed = { readonly target: Target; readonly sent: Buffer; readonly body: Buffer; readonly isCut: boolean };
type Reader = (bytes: Buffer) => GateRequestHead | undefined;

/** What the gate does with these bytes, arriving in these pieces: what goes upstream, or nothing. */
function passedOn(bytes: Buffer, sizes: readonly number[], read: Reader): Passed | undefined {
  const pieces = piecesOf(bytes, sizes);
  let seen = Buffer.alloc(0);
  for (const [index, piece] of pieces.entries()) {
    seen = Buffer.concat([seen, piece]);
    const head = readHead(seen);
    if (!head) continue;
    if ('refused' in head) return undefined;
    const request = read(seen);
    if (request?.kind !== 'forward') return undefined;
    const cut = bodyCutter(request.body);
    const body: Buffer[] = [];
    for (const next of [seen.subarray(head.length), ...pieces.slice(index + 1)]) {
      const kept = next.length === 0 ? next : cut(next);
      if (!kept)
        return {
          target: request.target,
          sent: Buffer.concat([Buffer.from(request.head, 'latin1'), ...body]),
          body: Buffer.concat(body),
          isCut: true,
        };
      body.push(Buffer.from(kept));
    }
    return {
      target: request.target,
      sent: Buffer.concat([Buffer.from(request.head, 'latin1'), ...body]),
      body: Buffer.concat(body),
      isCut: false,
    };
  }
  return undefined;
}

function requestIn(bytes: Buffer): GateRequestHead | undefined {
  const head = readHead(bytes);
  return head && !('refused' in head) ? readRequest(head) : undefined;
}

const INSIDE: Target = { host: 'a.test', port: 80, kind: 'name' };

function requestInside(bytes: Buffer): GateRequestHead | undefined {
  const head = readHead(bytes);
  return head && !('refused' in head) ? readInnerRequest(head, INSIDE) : undefined;
}

function sameTarget(host: string, target: Target): boolean {
  const authority = parseAuthority(host, 80);
  const named = 'refused' in authority ? authority : normaliseTarget(authority.host, authority.port);
  return !('refused' in named) && named.host === target.host && named.port === target.port;
}

function checkPassed({ target, sent, body, isCut }: Passed): void {
  must(target.port !== 443, 'a plain request to the port of TLS');
  const head = sent.toString('latin1', 0, sent.length - body.length);
  must(/^(?:[\t -~]+\r\n)+\r\n$/.test(head), 'the head holds other than plain lines');
  for (const trust of ['first-length', 'last-length', 'chunked'] as const) {
    const { requests, rest } = readLaxly(sent, trust);
    const [only] = requests;
    must(only !== undefined && requests.length === 1, `${requests.length} requests go upstream`);
    must(only.hosts.length === 1 && sameTarget(only.hosts[0] ?? '', target), `upstream reads the host ${only.hosts.join(' and ')}`);
    must(only.target.startsWith('/'), 'upstream reads a target that is no path');
    must(rest === '' && (isCut || only.body === body.toString('latin1')), 'something follows the request');
  }
}

function checkForward([[where, bytes], sizes]: readonly [readonly [Where, Buffer], readonly number[]]): void {
  const read = where === 'tunnel' ? requestInside : requestIn;
  const passed = passedOn(bytes, sizes, read);
  const whole = passedOn(bytes, [bytes.length + 1], read);
  must((passed === undefined) === (whole === undefined), 'it depends on how the bytes are cut whether they pass');
  if (!passed || !whole) return;
  must(
    passed.target.host === whole.target.host && passed.target.port === whole.target.port,
    'it depends on how the bytes are cut where they go',
  );
  must(passed.isCut || bytes.includes(passed.body), 'the body is not what was sent');
  checkPassed(passed);
  checkPassed(whole);
}

function checkConnect(bytes: Buffer): void {
  const head = readHead(bytes);
  if (!head || 'refused' in head) return;
  const lines = bytes.toString('latin1', 0, head.length);
  must(
    /^[\t\r\n -~]*$/.test(lines) && !/[^\r]\n|\r[^\n]/.test(lines) && lines.indexOf('\r\n\r\n') === head.length - 4,
    'a head that others end elsewhere',
  );
  must(!/\r\n[ \t]/.test(lines), 'a folded line');
  const request = readRequest(head);
  if (request.kind !== 'connect') return;
  const [method, authority] = lines.split(' ');
  must(method === 'CONNECT' && sameTarget(authority ?? '', request.target), 'another target than was asked for');
  must(
    head.fields.every(({ name }) => name !== 'content-length' && name !== 'transfer-encoding'),
    'a CONNECT with a body',
  );
}

/** Node's own server, made as lenient as it gets, in the place of the host that the request goes to. */
async function checkWithNode([[where, bytes], sizes]: readonly [readonly [Where, Buffer], readonly number[]]): Promise<void> {
  const passed = passedOn(bytes, sizes, where === 'tunnel' ? requestInside : requestIn);
  if (!passed || passed.isCut) return;
  const seen: IncomingMessage[] = [];
  const server = createServer({ insecureHTTPParser: true, requireHostHeader: false }, (request, response) => {
    seen.push(request.resume());
    response.end();
  });
  server
    .on('upgrade', (request) => seen.push(request))
    .on('connect', (request) => seen.push(request))
    .on('checkContinue', (request) => seen.push(request));
  const wire = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
  wire.on('error', () => {});
  server.emit('connection', wire);
  wire.push(passed.sent);
  await new Promise(setImmediate);
  wire.destroy();
  server.closeAllConnections();
  must(seen.length <= 1, `a real server reads ${seen.length} requests`);
  const [request] = seen;
  must(
    request === undefined || (sameTarget(request.headers.host ?? '', passed.target) && request.url?.startsWith('/') === true),
    `a real server reads ${request?.headers.host}${request?.url}`,
  );
}

/** Requests to the proxy, plain ones and CONNECT, in any pieces. */
export const httpTargets: readonly FuzzTarget[] = [
  fuzzTarget('forward', 15, fc.tuple(requests, cuts), checkForward),
  fuzzTarget('connect', 10, connectRequests, checkConnect),
  fuzzTarget('forward-to-node', 2, fc.tuple(requests, cuts), checkWithNode),
];
