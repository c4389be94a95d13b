import { createInterface } from 'node:readline/promises';

import { EXIT } from '../../core/exit-code.ts';
import { Problem } from '../../core/problem.ts';

/** Asks one question after the other on the terminal; what was typed ahead is kept. Ctrl-C and the end of input are a Problem. */
export function openPrompt(): Disposable & { readonly ask: (text: string) => Promise<string> } {
  const line = createInterface({ input: process.stdin, output: process.stderr });
  const lines = line[Symbol.asyncIterator]();
  return {
    ask: async (text) => {
      // readline redraws the last line alone.
      const head = text.lastIndexOf('\n') + 1;
      process.stderr.write(text.slice(0, head));
      line.setPrompt(text.slice(head));
      line.prompt();
      const { done, value } = await lines.next();
      if (done !== true) return value;
      process.stderr.write('\n');
      throw new Problem('cli/cancelled', 'no file was written', {
        cause: 'the questions were not answered to the end',
        fix: 'npx lobsterpot init, or without a question: npx lobsterpot init --yes',
        exit: EXIT.cancelled,
      });
    },
    [Symbol.dispose]: () => line.close(),
  };
}
