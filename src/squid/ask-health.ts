import { connect } from 'node:net';
import { HEALTH_TARGET } from './squid-settings.ts';

const ANSWER_MS = 3000;

/** What a Squid that works answers: it denies, or its second hop does, which greets first (and is woken by the question). */
export type WellAnswer = 403 | 200;

/** Does Squid answer a CONNECT to a place of nobody's, through a port of its own, as it must? `silent`: it does not answer at all. */
export function askHealth(port: number, wanted: WellAnswer): Promise<'well' | 'ill' | 'silent'> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const done = (how: 'well' | 'ill' | 'silent'): void => {
      socket.destroy();
      resolve(how);
    };
    let answer = '';
    socket.setTimeout(ANSWER_MS, () => done('ill'));
    socket.on('error', () => done('silent'));
    socket.on('close', () => done('ill'));
    socket.on('connect', () => socket.write(`CONNECT ${HEALTH_TARGET} HTTP/1.1\r\nHost: ${HEALTH_TARGET}\r\n\r\n`));
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (answer.length >= 12) done(new RegExp(`^HTTP/1\\.[01] ${wanted}`).test(answer) ? 'well' : 'ill');
    });
  });
}
