import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { before, describe, test } from 'node:test';
import { ADDRESS } from '../../lab/net.ts';
import { until } from '../../src/core/wait.ts';
import { TYPED } from '../support/command-line.ts';
import { asRoot, DOCKER, HOSTS, nameOf } from './on-hosts.ts';
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
  describe('round trips', () => {
    // What an engine has not asked after its health since it was started, lobsterpot asks by a command of its own.
    before(async () => {
      const starting = (host: 'mac' | 'nas'): Promise<string> =>
        asRoot(stage().lab[host], '"$1" ps --quiet --filter health=starting', DOCKER[host]);
      const isAsked = async (): Promise<true | undefined> => (await Promise.all(HOSTS.map(starting))).join('') === '' || undefined;
      assert.ok(await until(isAsked, { timeoutMs: 60_000, everyMs: 500 }));
    });

    test('up: containers that cut-off runs left -> removed in the same ssh command; what a run may still use and what is not ours stay', async () => {
      const { lab } = stage();
      const mine = nameOf(stage());
      const docker = async (...argv: readonly string[]): Promise<string> => {
        const { code, stdout, stderr } = await lab.nas.run([DOCKER.nas, ...argv], { as: 'root' });
        assert.equal(code, 0, stderr);
        return stdout.trim();
      };
      const image = await docker('inspect', '--format', '{{.Image}}', `lobsterpot-${mine}-gate`);
      const left = [
        [`lobsterpot-${mine}-look-00000001`, mine, '0'],
        [`lobsterpot-${mine}-node-nas-once-00000002`, mine, '0'],
      ] as const;
      const kept = [
        [`lobsterpot-${mine}-look-00000003`, mine, '3600'],
        ['lobsterpot-other-look-00000004', 'other', '0'],
      ] as const;
      const labels = (of: string, seconds: string) => [`--label=lobsterpot.deployment=${of}`, `--label=lobsterpot.seconds=${seconds}`];
      try {
        for (const [name, of, seconds] of [...left, ...kept]) await docker('create', `--name=${name}`, ...labels(of, seconds), image);
        // The engine's clock tells whole seconds.
        await setTimeout(2100);
        const seen = await sshCommands(stage(), ['up', '--yes']);
        assert.equal(seen[ADDRESS.nas], 1, JSON.stringify(seen));
        const there = (await docker('ps', '--all', '--format', '{{.Names}}', '--filter', 'label=lobsterpot.seconds')).split('\n');
        // The look of that `up` stays under its own name for the next one.
        assert.deepEqual(there.toSorted(), [`lobsterpot-${mine}-look`, ...kept.map(([name]) => name)].toSorted());
      } finally {
        await lab.nas.run([DOCKER.nas, 'rm', '--force', ...[...left, ...kept].map(([name]) => name)], { as: 'root' });
      }
    });

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
