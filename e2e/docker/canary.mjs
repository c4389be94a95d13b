// canary.mjs LOG PORT...: says on each TCP port that it was reached, and answers each DNS question on UDP 53; writes a line for both.
import { appendFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const [log, ...ports] = process.argv.slice(2);
const note = (line) => appendFileSync(log, `${line}\n`);

for (const port of ports) {
  const server = createServer((socket) => {
    note(`tcp ${port}`);
    socket.on('error', () => undefined);
    socket.end(`canary ${port}\n`);
  });
  await new Promise((resolve) => server.listen(Number(port), '0.0.0.0', resolve));
}

const dns = createSocket('udp4');
dns.on('message', (question, from) => {
  let name = '';
  for (let at = 12; question[at] > 0; at += question[at] + 1) name += `${question.subarray(at + 1, at + 1 + question[at]).toString()}.`;
  note(`dns ${name}`);
  const answer = Buffer.concat([question, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 198, 51, 100, 7])]);
  answer.writeUInt16BE(0x8180, 2);
  answer.writeUInt16BE(1, 6);
  answer.writeUInt16BE(0, 10);
  dns.send(answer.subarray(0, answer.length), from.port, from.address);
});
await new Promise((resolve) => dns.bind(53, '0.0.0.0', resolve));
note('ready');
