import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DecisionEvent } from '../policy/trail-line.ts';
import type { Attempt } from './attempt.ts';
import { type DnsFrame, LONGEST_MESSAGE, dnsFrame, readDnsFrame } from './dns-frame.ts';
import { type NameQuestion, readQuestion, refuseQuestion } from './dns-question.ts';

const SHORTEST = 12;
const DNS_PORT = 53;
/** Of the questions beyond what is recorded one by one, so many are answered without a pause. */
const BREATH = 64;
const BREATH_MS = 10;

/** Serves a connection of DNS questions: each is recorded and refused. No name is ever looked up for a client. */
export async function serveNames({ gate, client, socket, intake }: Attempt): Promise<void> {
  const used = (read: DnsFrame | { readonly refused: string }): number => ('length' in read ? read.length : 0);
  const limits = { maxBytes: LONGEST_MESSAGE + 2, timeoutMs: gate.settings.limits.headMs, used };
  let counted = 0;
  for (;;) {
    const frame = await intake.read(readDnsFrame, limits);
    if ('failed' in frame) break;
    if ('refused' in frame || frame.message.length < SHORTEST) {
      gate.record(questionEvent(client, { malformed: 'refused' in frame ? frame.refused : 'shorter than a header' }));
      break;
    }
    const question = readQuestion(frame.message);
    const isCounted = gate.record(questionEvent(client, question)) === 'unrecorded';
    counted += isCounted ? 1 : 0;
    // A flood is answered in its own time: others have theirs.
    if (isCounted && counted % BREATH === 0) await sleep(BREATH_MS);
    const isTaken = socket.write(dnsFrame(refuseQuestion(frame.message, question)));
    if (!isTaken && !(await drained(socket, limits.timeoutMs))) break;
  }
  socket.destroy();
}

/** Whoever asks and reads no answer is not asked for more; false: it did not read in time. */
function drained(socket: Socket, timeoutMs: number): Promise<boolean> {
  if (socket.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (isDrained: boolean): void => {
      clearTimeout(limit);
      socket.off('drain', onDrain).off('close', onClose);
      resolve(isDrained);
    };
    const onDrain = (): void => end(true);
    const onClose = (): void => end(false);
    const limit = setTimeout(onClose, timeoutMs);
    socket.once('drain', onDrain).once('close', onClose);
  });
}

function questionEvent(client: string, question: NameQuestion | { readonly malformed: string }): DecisionEvent {
  const asked =
    'malformed' in question
      ? { host: '', port: 0, detail: `malformed: ${question.malformed}` }
      : { host: question.name, port: DNS_PORT, detail: question.odd === undefined ? question.type : `${question.type}, ${question.odd}` };
  return { kind: 'decision', client, verdict: 'deny', reason: 'dns-question', via: 'dns', ...asked };
}
