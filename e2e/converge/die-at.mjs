// Loaded before lobsterpot: ends the process, as SIGKILL does, right after a record of the journal has reached the disk: the one that
// LOBSTERPOT_TEST_DIE_AT counts to, or the first that LOBSTERPOT_TEST_DIE_ON (a regular expression) fits. Or right before the first file
// that LOBSTERPOT_TEST_DIE_WRITING fits gets its name: its content lies beside its place.
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { open, rename } = promises;
const { LOBSTERPOT_TEST_DIE_AT: count, LOBSTERPOT_TEST_DIE_ON: on, LOBSTERPOT_TEST_DIE_WRITING: writing } = process.env;
const die = () => process.kill(process.pid, 'SIGKILL');
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
    if (left === 0 || wanted?.test(text)) die();
  };
  return file;
};
promises.rename = async (from, to) => {
  if (writing !== undefined && /\.(tmp|partial)$/.test(String(from)) && new RegExp(writing).test(String(to))) die();
  await rename(from, to);
};
syncBuiltinESMExports();
