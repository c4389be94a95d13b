import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADDRESS } from '../../lab/net.ts';
import { TYPED } from '../support/command-line.ts';
import type { HostsStage } from './stage.ts';

/** The ssh client that is found first: it notes where it is sent, and is the real one. */
const COUNTING = `#!/bin/sh
printf '%s\\n' "$*" >>"\${0%/*}/calls"
exec /usr/bin/ssh "$@"
`;

/** A machine that is busy with something else lets a conversation wait until it is over. */
const TRIES = 3;

/** What of a host's time a command may take when there is nothing to do: one command, and at the gateway's host one connection to it. */
export function roundTrips(stage: () => HostsStage): void {
  for (const args of [['up', '--yes'], ['plan'], ['drift'], ['status']])
    test(`${args[0]}: nothing to do -> one ssh command a host, and one connection to the gateway`, async () => {
      let seen: Readonly<Record<string, number>> = {};
      for (let attempt = 0; attempt < TRIES; attempt++) {
        seen = await sshCommands(stage(), args);
        // Less than that, and they were not counted.
        assert.ok((seen[ADDRESS.nas] ?? 0) >= 1 && (seen[ADDRESS.mac] ?? 0) >= 2, JSON.stringify(seen));
        if (seen[ADDRESS.nas] === 1 && seen[ADDRESS.mac] === 2) return;
      }
      assert.deepEqual(seen, { [ADDRESS.nas]: 1, [ADDRESS.mac]: 2 });
    });
}

async function sshCommands({ lab, file }: HostsStage, args: readonly string[]): Promise<Readonly<Record<string, number>>> {
  const folder = join(lab.operator.home, 'counting');
  mkdirSync(folder);
  try {
    writeFileSync(join(folder, 'ssh'), COUNTING);
    chmodSync(join(folder, 'ssh'), 0o755);
    const env = { ...lab.operator.env, PATH: `${folder}:${lab.operator.env['PATH'] ?? ''}` };
    const { code, stdout, stderr } = await lab.operator.run([...TYPED, ...args, '--file', file], { env });
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
    const hosts = Map.groupBy(calls, (line) => / -- (\S+)/.exec(line)?.[1] ?? 'nowhere');
    return Object.fromEntries([...hosts].map(([host, all]) => [host, all.length]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
