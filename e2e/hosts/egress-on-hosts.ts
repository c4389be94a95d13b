import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { TYPED } from '../support/command-line.ts';
import { parseJson } from '../support/stage.ts';
import { TROUBLES } from './host-troubles.ts';
import { asRoot, DOCKER } from './on-hosts.ts';
import type { HostsStage } from './stage.ts';

const FOLLOW_S = 20;
const AWAY = 'no way to a host';

const line = z.object({ decision: z.object({ client: z.string(), host: z.string() }) });
const top = z.object({
  hosts: z.array(z.object({ name: z.string(), denied: z.number(), others: z.array(z.string()) })),
  unchecked: z.array(z.object({ host: z.string() })).optional(),
});

// Inside the node's container: asks its gate for a host and leaves.
const ASK = `const s = require('node:net').connect(3128, '127.0.0.1', () => s.write('CONNECT ' + process.argv[1] + ':443 HTTP/1.1\\r\\nHost: ' + process.argv[1] + ':443\\r\\n\\r\\n')); s.on('data', () => process.exit(0)); s.on('error', () => process.exit(1));`;

/** The trails of both hosts from the operator's place: followed over ssh, summed up, and what is said of a host that does not answer. */
export function egressOnHosts(stage: () => HostsStage): void {
  const ask = (host: string): Promise<string> =>
    asRoot(stage().lab.nas, '"$1" exec lobsterpot-casa-node-nas node --eval "$2" "$3"', DOCKER.nas, ASK, host);

  test('egress log --follow: over ssh -> what a node is denied is shown as it happens, until it is interrupted', async () => {
    const { lab, file } = stage();
    const typed = [...TYPED, 'egress', 'log', '--follow', '--json', '--client', 'nas', '--lines', '1', '--file', file];
    const following = lab.operator.run(['timeout', '--preserve-status', '--signal=INT', String(FOLLOW_S), ...typed], { timeoutMs: 60_000 });
    await sleep((FOLLOW_S * 1000) / 2);
    await ask('followed.test');
    const { code, stdout, stderr } = await following;
    assert.deepEqual([code, stderr], [0, '']);
    const shown = stdout.split('\n').flatMap((text) => line.safeParse(parseJson(text)).data ?? []);
    assert.deepEqual(shown.at(-1)?.decision, { client: 'node-nas', host: 'followed.test' });
    assert.equal(shown.filter((one) => one.decision.host === 'followed.test').length, 1);
  });

  test('egress metrics: both hosts -> each sample names its own', async () => {
    const { code, stdout, stderr } = await stage().cli(['egress', 'metrics']);
    assert.equal(code, 0, stderr);
    for (const host of ['mac-mini', 'nas'])
      assert.match(stdout, new RegExp(`^lobsterpot_gate_uptime_seconds\\{host="${host}"\\} \\d+$`, 'm'));
  });

  test('egress top: both hosts -> one list; one that is not reached -> unchecked, the other is told, exit 4', async () => {
    const { code, stdout, stderr } = await stage().cli(['egress', 'top', '--json', '--lines', '500']);
    assert.equal(code, 0, stderr);
    const { hosts } = top.parse(parseJson(stdout));
    assert.deepEqual(hosts.find((one) => one.name === 'followed.test')?.others, ['node-nas']);
    assert.ok(hosts.some((one) => one.others.includes('gateway-main')));
    const trouble = TROUBLES.find((one) => one.name === AWAY);
    assert.ok(trouble);
    await trouble.begin(stage());
    try {
      const half = await stage().cli(['egress', 'top', '--json', '--lines', '500']);
      assert.equal(half.code, 4, half.stderr);
      const told = top.parse(parseJson(half.stdout));
      assert.deepEqual(
        told.unchecked?.map((one) => one.host),
        ['nas'],
      );
      assert.match(half.stderr, /^unchecked nas: /m);
      assert.ok(told.hosts.some((one) => one.others.includes('gateway-main')));
    } finally {
      await trouble.end(stage());
    }
  });
}
