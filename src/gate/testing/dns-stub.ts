import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** What the stub answers to a question of one type: addresses as bytes, a code (3 is NXDOMAIN), or silence. */
export type StubAnswer = { readonly records: readonly (readonly number[])[] } | { readonly code: number } | 'silence';

/** A resolver on loopback that answers every name the same way. */
export async function startDnsStub(answers: {
  readonly ttl?: number;
  readonly a: StubAnswer;
  readonly aaaa: StubAnswer;
}): Promise<{ readonly server: string; readonly asked: () => number; readonly close: () => void }> {
  const socket = createSocket('udp4');
  let asked = 0;
  socket.on('message', (question, from) => {
    asked += 1;
    const end = question.indexOf(0, 12) + 5;
    const answer = question.readUInt16BE(end - 4) === 28 ? answers.aaaa : answers.a;
    if (answer === 'silence') return;
    const records = 'records' in answer ? answer.records : [];
    const head = Buffer.from(question.subarray(0, end));
    head.writeUInt16BE(0x8180 | ('code' in answer ? answer.code : 0), 2);
    head.writeUInt16BE(records.length, 6);
    head.writeUInt32BE(0, 8);
    const body = records.map((bytes) =>
      Buffer.from([0xc0, 12, 0, bytes.length === 4 ? 1 : 28, 0, 1, 0, 0, 0, answers.ttl ?? 60, 0, bytes.length, ...bytes]),
    );
    socket.send(Buffer.concat([head, ...body]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { server: `127.0.0.1:${socket.address().port}`, asked: () => asked, close: () => socket.close() };
}
