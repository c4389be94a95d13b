// Loaded before lobsterpot: ends the process, as SIGKILL does, right after a record of the journal has reached the disk: the one that
// LOBSTERPOT_TEST_DIE_AT counts to, or the first that LOBSTERPOT_TEST_DIE_ON (a regular expression) fits.
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { open } = promises;
const { LOBSTERPOT_TEST_DIE_AT: count, LOBSTERPOT_TEST_DIE_ON: on } = process.env;
const wanted = on === undefined ? undefined : new RegExp(on);
let left = Number(count);
promises.open = async (path, ...rest) => {
  const file = await open(path, ...rest);
  if (!String(path).endsWith('/journal.jsonl')) return file;
  const { appendFile, sync } = file;
  let text = '';
  file.appendFile = async (line) => {
    text += line;
    await appendFile.call(file, line);
  };
  file.sync = async () => {
    await sync.call(file);
    left -= 1;
    if (left === 0 || wanted?.test(text)) process.kill(process.pid, 'SIGKILL');
  };
  return file;
};
syncBuiltinESMExports();
