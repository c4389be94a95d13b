// The resolver of services without a way out: no name is looked up. Each question goes to the gate, which records and refuses it.
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';

const PORT = 53;
const HEADER = 12;
/** Of an answer; nobody answers an answer. */
const RESPONSE = 0x80;
/** What the gate reads as a question at all: of more it gets the beginning. */
const LONGEST = 1023;
const MOST_WAITING = 256;
const MOST_CONNECTIONS = 64;
const ANSWER_MS = 2000;
const CONNECT_MS = 2000;
const BIND_TRIES = 50;
const BIND_EVERY_MS = 200;
const REFUSED = 0x8005;
const OPCODE_AND_RD = 0x7900;

/**
 * Answers questions at an address, and gives what ends that. `to`: the gate's door for whoever asks there (as for net.connect);
 * without it they are refused unseen.
 */
export function answerNames(address, to, port = PORT) {
  const ask = to && door(to);
  const answer = (socket, question, from) => {
    if (question.length < HEADER || (question[2] & RESPONSE) !== 0) return;
    const tell = (text) => socket.send(text, from.port, from.address, () => undefined);
    if (ask) ask(question.subarray(0, LONGEST), tell);
    else tell(refused(question));
  };
  const ends = [];
  bind(ends, () => {
    const socket = createSocket('udp4');
    socket.on('message', (question, from) => answer(socket, question, from));
    socket.bind(port, address);
    return socket;
  });
  if (to)
    bind(ends, () => {
      const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
        const far = connect({ ...to, allowHalfOpen: true, timeout: CONNECT_MS });
        far.once('connect', () => far.setTimeout(0)).once('timeout', () => far.destroy());
        join(client, far);
      });
      server.maxConnections = MOST_CONNECTIONS;
      return server.listen(port, address);
    });
  return () => ends.forEach((end) => end());
}

// A kernel or an engine that keeps ports below 1024 for root: questions go without an answer then, and the proof says so.
// After a restart of the engine an address may come a moment later than its container.
function bind(ends, open, tries = 1) {
  const one = open();
  let isOpen = true;
  const end = () => {
    if (isOpen) one.close(() => undefined);
    isOpen = false;
  };
  ends.push(end);
  one.on('error', (error) => {
    end();
    if (error.code === 'EADDRNOTAVAIL' && tries < BIND_TRIES) setTimeout(() => bind(ends, open, tries + 1), BIND_EVERY_MS);
  });
}

function join(a, b) {
  a.pipe(b);
  b.pipe(a);
  a.on('error', () => b.destroy()).on('close', () => b.destroy());
  b.on('error', () => a.destroy()).on('close', () => a.destroy());
}

/** Asks over one connection, made when it is needed: answers come in the order of the questions. */
function door(to) {
  let line;
  return (question, tell) => {
    if (!line || line.ended) line = openLine(to);
    line.ask(question, tell);
  };
}

function openLine(to) {
  const socket = connect(to).unref();
  const waiting = [];
  let bytes = Buffer.alloc(0);
  const line = {
    ended: false,
    ask(question, tell) {
      // Who floods gets no answers; what is known of it already stands in the trail.
      if (waiting.length >= MOST_WAITING) return;
      if (waiting.length === 0) socket.setTimeout(ANSWER_MS);
      waiting.push(tell);
      socket.write(framed(question));
    },
  };
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
      const end = 2 + bytes.readUInt16BE(0);
      waiting.shift()?.(bytes.subarray(2, end));
      bytes = bytes.subarray(end);
    }
    socket.setTimeout(waiting.length === 0 ? 0 : ANSWER_MS);
  });
  const end = () => {
    line.ended = true;
    socket.destroy();
  };
  socket.on('error', end).on('timeout', end).on('end', end).on('close', end);
  return line;
}

function framed(question) {
  const prefix = Buffer.alloc(2);
  prefix.writeUInt16BE(question.length);
  return Buffer.concat([prefix, question]);
}

/** Its question and nothing else, so that the asker does not wait for seconds. */
function refused(question) {
  const answer = Buffer.from(question.subarray(0, endOfQuestion(question)));
  answer.writeUInt16BE(REFUSED | (question.readUInt16BE(2) & OPCODE_AND_RD), 2);
  for (const at of [6, 8, 10]) answer.writeUInt16BE(0, at);
  return answer;
}

function endOfQuestion(message) {
  let at = HEADER;
  while (at < message.length && message[at] !== 0) at += message[at] + 1;
  return Math.min(message.length, at + 5);
}
