import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { run } from '../../hosts/run.ts';
import { HEALTH_TEST } from './compose.ts';
import { INSIDE } from './layout.ts';

const skip = process.platform !== 'linux' && 'it reads /proc/uptime: containers have Linux';
const DISK = '{"limitKiB":64}';

// What a container's engine asks, as a real shell runs it.
suite('HEALTH_TEST', { skip }, () => {
  for (const [what, ready, isWell] of [
    ['the launcher never said that it is ready', undefined, false],
    ['it said so a moment ago', (now: number) => `${now + 25}\n`, true],
    ['it said so too long ago: it hangs', (now: number) => `${now - 5}\n`, false],
    ['it said nothing that is a time', () => 'ready\n', false],
    ['its word is empty', () => '', false],
  ] as const) {
    test(`${what} -> ${isWell ? 'healthy' : 'not healthy'}; the watch over its state is told, and nothing else`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-health-'));
      t.after(() => rmSync(folder, { recursive: true }));
      writeFileSync(join(folder, 'disk'), DISK);
      // Now: other tests run between this file's reading and its own.
      if (ready) writeFileSync(join(folder, 'ready'), ready(Math.floor(uptime())));
      const { code, stdout, stderr } = await run(['/bin/sh', '-c', HEALTH_TEST.replaceAll(INSIDE.run, folder)], { timeoutMs: 10_000 });
      assert.deepEqual([code === 0, stdout, stderr], [isWell, DISK, '']);
    });
  }
});
