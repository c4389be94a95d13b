import { type RemoteInfo, type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import fc from 'fast-check';
import { formatAddress } from '../../../policy/address.ts';
import { decideAddress } from '../../../policy/decide.ts';
import { resolveName } from '../../resolve.ts';
import { type FuzzTarget, fuzzTarget, must } from './fuzz-target.ts';
import { ipv4Bytes, ipv6Bytes } from './pieces.ts';

type WireRecord = { readonly owner: Buffer; readonly type: number; readonly ttl: number; readonly data: Buffer };

const label = (text: string): Buffer =>
  Buffer.concat(
    text
      .split('.')
      .map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part)]))
      .concat(Buffer.alloc(1)),
  );
const QUESTION = Buffer.from([0xc0, 12]);
const owners = fc.oneof(
  { weight: 6, arbitrary: fc.constant(QUESTION) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      label('evil.test'),
      label('a.test'),
      Buffer.from([0xc0, 0xff]),
      Buffer.from([0xc0, 0x0c, 0]),
      Buffer.from([0]),
      Buffer.from([63, 1]),
    ),
  },
);
const ttl = fc.constantFrom(0, 0, 1, 60, 0x7fffffff, 0x80000000, 0xffffffff);
const data = fc.oneof(
  { weight: 4, arbitrary: ipv4Bytes.map((bytes) => ({ type: 1, data: Buffer.from(bytes) })) },
  { weight: 3, arbitrary: ipv6Bytes.map((bytes) => ({ type: 28, data: Buffer.from(bytes) })) },
  { weight: 1, arbitrary: fc.constantFrom('evil.test', 'a.test').map((name) => ({ type: 5, data: label(name) })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(1, 28, 5, 16, 41), fc.uint8Array({ maxLength: 20 }))
      .map(([type, bytes]) => ({ type, data: Buffer.from(bytes) })),
  },
);
const record: fc.Arbitrary<WireRecord> = fc.tuple(owners, ttl, data).map(([owner, life, body]) => ({ owner, ttl: life, ...body }));

const answers = fc.record({
  records: fc.oneof(
    { weight: 9, arbitrary: fc.array(record, { maxLength: 5 }) },
    { weight: 1, arbitrary: fc.array(record, { minLength: 20, maxLength: 60 }) },
  ),
  code: fc.constantFrom(0, 0, 0, 0, 0, 2, 3, 5),
  isDamaged: fc.boolean(),
  damage: fc.tuple(fc.nat(400), fc.nat(255)),
});

type Answers = typeof answers extends fc.Arbitrary<infer T> ? T : never;

function wire({ owner, type, ttl: life, data: body }: WireRecord): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(life, 4);
  fixed.writeUInt16BE(body.length, 8);
  return Buffer.concat([owner, fixed, body]);
}

/** Everything goes to both questions: what belongs to the other family is for the reader to leave out. */
function reply(question: Buffer, { records, code, isDamaged, damage: [at, value] }: Answers): Buffer {
  const end = question.indexOf(0, 12) + 5;
  const head = Buffer.from(question.subarray(0, end));
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt32BE(0, 8);
  const whole = Buffer.concat([head, ...records.map(wire)]);
  // Behind the number of the question, which a stranger does not know and without which nobody listens.
  if (isDamaged && whole.length > end) whole[end + (at % (whole.length - end))] = value;
  return whole;
}

let current: Answers | undefined;
let stub: Promise<Socket> | undefined;

async function startStub(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (question: Buffer, from: RemoteInfo) => {
    if (current) socket.send(reply(question, current), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket.unref();
}

const POLICY = { version: 1, deployment: 'x', mode: 'enforce', allow: [], deny: [] } as const;
const WHO = { client: 'a', nowMs: 0, own: new Set(['198.51.100.9']) };

async function check(input: Answers): Promise<void> {
  stub ??= startStub();
  const socket = await stub;
  current = input;
  const resolved = await resolveName('a.test', { timeoutMs: 200, servers: [`127.0.0.1:${socket.address().port}`] });
  if ('failed' in resolved) return;
  must(resolved.addresses.length > 0 && resolved.addresses.every((one) => isIP(one) !== 0), 'an answer that would be looked up once more');
  must(!Number.isNaN(resolved.ttlMs), 'an answer that holds for no known time');
  // As the gate does: one address that is refused refuses the connection.
  if (!resolved.addresses.every((one) => decideAddress(POLICY, one, 443, WHO).allowed)) return;
  if (input.isDamaged) return;
  const meant = input.records.filter(({ owner }) => owner === QUESTION && input.code === 0);
  for (const { type, data: bytes } of meant) {
    const family = type === 1 && bytes.length === 4 ? 4 : type === 28 && bytes.length === 16 ? 6 : undefined;
    if (family === undefined) continue;
    const text = formatAddress({ family, bytes: [...bytes] });
    must(decideAddress(POLICY, text, 443, WHO).allowed, `it passes although the answer holds ${text}`);
  }
}

/** What the resolver says about a name, over a real socket. */
export const dnsTargets: readonly FuzzTarget[] = [fuzzTarget('dns', 1, answers, check)];
