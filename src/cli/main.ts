import { CommanderError } from 'commander';

import { EXIT } from '../core/exit-code.ts';
import { reportFailure } from './failure.ts';
import { processIo } from './io.ts';
import { buildProgram, type Session } from './program.ts';

const session: Session = { io: processIo(), exit: EXIT.ok };
const argv = process.argv.slice(2);
// What follows `--` belongs to the command that `exec` runs.
const json = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined).includes('--json');

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    session.io.talk('\nlobsterpot: stopped; run the same command again to go on\n');
    process.exit(EXIT.cancelled);
  });
}

// `| head` ends before us: what is being done is finished all the same, only nobody reads of it.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

try {
  await buildProgram(session).parseAsync(argv, { from: 'user' });
} catch (error) {
  session.exit = error instanceof CommanderError ? (error.exitCode === 0 ? EXIT.ok : EXIT.usage) : reportFailure(session.io, error, json);
}
process.exitCode = session.exit;
