import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/**
 * What the stub answers to a question of one type: addresses as bytes (below another name, when there is an `alias`),
 * a code (3 is NXDOMAIN), or silence.
 */
export type StubAnswer =
  | { readonly records: readonly (readonly number[])[]; readonly alias?: string }
  | { readonly code: number }
  | 'silence';

/** The same each time, or another each time: `turn` counts the questions of that type from 0. */
type StubAnswers = StubAnswer | ((turn: number) => StubAnswer);

/** A resolver on loopback that answers every name the same way. */
export async function startDnsStub(answers: {
  readonly ttl?: number;
  readonly a: StubAnswers;
  readonly aaaa: StubAnswers;
}): Promise<{ readonly server: string; readonly asked: () => number; readonly close: () => void }> {
  const socket = createSocket('udp4');
  const turns = { a: 0, aaaa: 0 };
  socket.on('message', (question, from) => {
    const end = question.indexOf(0, 12) + 5;
    const type = question.readUInt16BE(end - 4) === 28 ? 'aaaa' : 'a';
    const given = answers[type];
    const answer = typeof given === 'function' ? given(turns[type]) : given;
    turns[type] += 1;
    if (answer === 'silence') return;
    const [records, alias] = 'records' in answer ? [answer.records, answer.alias] : [[]];
    const owner = alias === undefined ? POINTER : wireName(alias);
    const body = records.map((bytes) => record(owner, bytes.length === 4 ? 1 : 28, answers.ttl ?? 60, Buffer.from(bytes)));
    if (alias !== undefined) body.unshift(record(POINTER, 5, answers.ttl ?? 60, wireName(alias)));
    const head = Buffer.from(question.subarray(0, end));
    head.writeUInt16BE(0x8180 | ('code' in answer ? answer.code : 0), 2);
    head.writeUInt16BE(body.length, 6);
    head.writeUInt32BE(0, 8);
    socket.send(Buffer.concat([head, ...body]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { server: `127.0.0.1:${socket.address().port}`, asked: () => turns.a + turns.aaaa, close: () => socket.close() };
}

/** The name that was asked for. */
const POINTER = Buffer.from([0xc0, 12]);

function wireName(name: string): Buffer {
  return Buffer.concat([
    ...name.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1')),
    Buffer.alloc(1),
  ]);
}

function record(owner: Buffer, type: number, ttl: number, data: Buffer): Buffer {
  return Buffer.concat([owner, Buffer.from([0, type, 0, 1, 0, 0, 0, ttl, 0, data.length]), data]);
}
