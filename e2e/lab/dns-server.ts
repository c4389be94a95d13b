import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { LAB } from './addresses.ts';
import type { Ledger } from './contact.ts';
import { encodeReply, parseQuestion } from './dns-message.ts';
import type { Zone } from './zone.ts';

/** The resolver of the lab, UDP and TCP: notes every question, knows the zone's names only. */
export async function startResolver(zone: Zone, ledger: Ledger): Promise<void> {
  const reply = (query: Buffer, over: 'udp' | 'tcp'): Buffer | undefined => {
    const question = parseQuestion(query);
    if (!question) return undefined;
    ledger.note({ kind: 'dns', name: question.name, type: question.type, over, to: LAB.resolver });
    return encodeReply(query, question, zone.addresses(question.name, question.type), zone.ttl(question.name));
  };
  const udp = createSocket('udp4');
  udp.on('message', (query, peer) => {
    const answer = reply(query, 'udp');
    if (answer) udp.send(answer, peer.port, peer.address);
  });
  udp.bind(53, LAB.resolver);
  await once(udp, 'listening');
  const tcp = createServer((socket) => answerStream(socket, (query) => reply(query, 'tcp')));
  tcp.listen(53, LAB.resolver);
  await once(tcp, 'listening');
}

function answerStream(socket: Socket, reply: (query: Buffer) => Buffer | undefined): void {
  let held = Buffer.alloc(0);
  socket.setTimeout(5000, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
      const size = held.readUInt16BE(0);
      const answer = reply(held.subarray(2, 2 + size));
      held = held.subarray(2 + size);
      if (!answer) {
        socket.destroy();
        return;
      }
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([length, answer]));
    }
  });
}
