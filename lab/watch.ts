import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { endLab } from './sweep.ts';
import { readRecords, stateOf } from './run-record.ts';

// Outlives whoever made a lab: when the lab has ended, however it ended, this clears away what is left of it. RUNS ID
const [runs, id] = process.argv.slice(2);
if (runs === undefined || id === undefined) throw new Error('usage: watch.ts RUNS ID');
while (existsSync(join(runs, id))) {
  const record = readRecords(runs).find((one) => one.id === id);
  if (record !== undefined && stateOf(record) === 'left') await endLab(runs, record);
  await sleep(500);
}
