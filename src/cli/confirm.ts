import { createInterface } from 'node:readline/promises';

import { EXIT } from '../core/exit-code.ts';
import { Problem } from '../core/problem.ts';

/** Asks on the terminal; anything but yes, and no terminal at all, is no. */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}

/** What a no ends in. */
export function cancelled(what: string): Problem {
  return new Problem('cli/cancelled', `${what}: nothing was changed`, {
    cause: 'it was not confirmed',
    fix: 'run the command again and answer yes (scripts: see --help)',
    exit: EXIT.cancelled,
  });
}

/** A secret typed without echo, or the whole of stdin when it is not a terminal (at most 64 KiB are looked at). */
export async function askSecret(question: string): Promise<string> {
  const { stdin } = process;
  if (!stdin.isTTY) return readAll(stdin);
  process.stderr.write(question);
  stdin.setRawMode(true);
  try {
    return await readHidden(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    process.stderr.write('\n');
  }
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    if (text.length > 70_000) break;
  }
  return text;
}

function readHidden(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = '';
    const onData = (chunk: Buffer | string): void => {
      for (const letter of String(chunk)) {
        if (letter === '\r' || letter === '\n' || letter === '\u0004') return finish(() => resolve(typed));
        if (letter === '\u0003') return finish(() => reject(cancelled('secret not set')));
        typed = letter === '\u007f' || letter === '\b' ? typed.slice(0, -1) : typed + letter;
      }
    };
    const finish = (end: () => void): void => {
      stream.off('data', onData);
      end();
    };
    stream.on('data', onData);
  });
}
