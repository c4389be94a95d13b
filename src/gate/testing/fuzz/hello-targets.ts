import { Duplex } from 'node:stream';
import { TLSSocket, createSecureContext } from 'node:tls';
import fc from 'fast-check';
import type { Target } from '../../../policy/policy.ts';
import { type HelloReading, readClientHello } from '../../client-hello.ts';
import { checkHello } from '../../hello-check.ts';
import { type FuzzTarget, fuzzTarget, must } from './fuzz-target.ts';
import { hellos, shiftedHellos } from './hellos.ts';
import { namesIn } from './lax-hello.ts';

const TARGET: Target = { host: 'a.test', port: 443, kind: 'name' };

const verdictOf = (reading: HelloReading): string => JSON.stringify(reading ?? 'more');

/** True when these bytes would open the tunnel to the target. */
function opens(reading: HelloReading): boolean {
  return reading !== undefined && 'hello' in reading && checkHello(TARGET, reading.hello).refused === undefined;
}

function check(bytes: Buffer): void {
  const reading = readClientHello(bytes);
  if (!opens(reading)) return;
  const names = namesIn(bytes);
  const [name] = names;
  must(names.length === 1 && name?.toLowerCase().replace(/\.$/, '') === TARGET.host, `a careless server reads ${JSON.stringify(names)}`);
}

/** The same bytes arriving one by one say the same: first nothing, then one thing for good. */
function checkByteByByte(bytes: Buffer): void {
  let said: string | undefined;
  for (let length = 1; length <= bytes.length && length < 2000; length += 1) {
    const now = verdictOf(readClientHello(bytes.subarray(0, length)));
    must(said === undefined || now === said, `after ${length} bytes it says ${now}, before ${said}`);
    if (now !== '"more"') said ??= now;
  }
}

const CONTEXT = createSecureContext({});

/** What OpenSSL takes for the server name, when it reads the hello at all. */
async function opensslReads(bytes: Buffer): Promise<string | undefined> {
  let name: string | undefined;
  const wire = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
  const socket = new TLSSocket(wire, {
    isServer: true,
    secureContext: CONTEXT,
    SNICallback: (servername, done) => {
      name = servername;
      done(new Error('seen'));
    },
  });
  socket.on('error', () => {});
  wire.on('error', () => {});
  // Not `once`: it rejects with the errors that odd bytes rightly cause.
  const closed = new Promise((resolve) => socket.on('close', resolve));
  wire.push(bytes);
  await new Promise(setImmediate);
  socket.destroy();
  wire.destroy();
  await closed;
  return name;
}

async function checkWithOpenssl(bytes: Buffer): Promise<void> {
  const reading = readClientHello(bytes);
  if (!opens(reading)) return;
  const name = await opensslReads(bytes);
  must(name === undefined || name.toLowerCase().replace(/\.$/, '') === TARGET.host, `OpenSSL reads ${JSON.stringify(name)}`);
}

const any = fc.oneof(hellos, shiftedHellos);

/** The first bytes inside a tunnel. */
export const helloTargets: readonly FuzzTarget[] = [
  fuzzTarget('hello', 12, any, check),
  fuzzTarget('hello-byte-by-byte', 1, any, checkByteByByte),
  fuzzTarget('hello-to-openssl', 2, any, checkWithOpenssl),
];
