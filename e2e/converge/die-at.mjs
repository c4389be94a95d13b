// Loaded before lobsterpot: ends the process, as SIGKILL does, right after the record of the journal that LOBSTERPOT_TEST_DIE_AT
// counts to has reached the disk.
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { open } = promises;
let left = Number(process.env.LOBSTERPOT_TEST_DIE_AT);
promises.open = async (path, ...rest) => {
  const file = await open(path, ...rest);
  if (!String(path).endsWith('/journal.jsonl')) return file;
  const { sync } = file;
  file.sync = async () => {
    await sync.call(file);
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
  return file;
};
syncBuiltinESMExports();
