import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../src/core/wait.ts';
import { Redacted } from '../../src/core/redacted.ts';
import { execPolicyDocument } from '../../src/openclaw/exec-policy.ts';
import { withGateway } from '../../src/openclaw/rpc.ts';
import type { GatewayRpc } from '../../src/openclaw/rpc.ts';
import { statusOf } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';
import { startStranger } from '../support/stranger.ts';

/** One control of the real OpenClaw weakened. */
export type GatewaySabotage = {
  readonly name: string;
  readonly finds: readonly string[];
  readonly also?: readonly string[];
  /** `hand`: `lobsterpot up` does not see it, so the test takes it back itself. */
  readonly repairedBy: 'up' | 'hand';
  /** Gives what has to be done in the end whichever way it is repaired. */
  weaken(stage: Stage): Promise<void | (() => Promise<void>)>;
};

const UNAME = { path: '/usr/bin/uname', args: '^-n$' };
const NODE_MS = 60_000;
// Longer than it takes to be seen and then proven.
const STRANGER_MS = 120_000;

/** Each weakens what the gateway and the node themselves decide. */
export const GATEWAY_SABOTAGES: readonly GatewaySabotage[] = [
  {
    name: 'the exec policy is set to full',
    repairedBy: 'up',
    finds: ['exec.policy'],
    // The node's own settings still hold then, and refuse even what was allowed.
    also: ['exec.allowed', 'exec.refused'],
    weaken: (stage) => setPolicy(stage, JSON.stringify({ version: 1, defaults: { security: 'full', ask: 'off' }, agents: {} })),
  },
  {
    name: 'the exec policy allows nothing',
    repairedBy: 'up',
    finds: ['exec.allowed', 'exec.policy'],
    weaken: (stage) => setPolicy(stage, execPolicyDocument([])),
  },
  {
    name: 'a rule is added on the node by hand',
    repairedBy: 'up',
    finds: ['exec.policy', 'exec.refused'],
    weaken: (stage) => setPolicy(stage, execPolicyDocument([UNAME, { path: '/usr/bin/id' }])),
  },
  {
    name: 'the gateway runs without authentication',
    repairedBy: 'up',
    finds: ['exposure.needs-token'],
    weaken: async (stage) => {
      const path = join(stage.root, 'services/gateway-main/config/openclaw.json');
      const config = JSON.parse(readFileSync(path, 'utf8'));
      config.gateway.auth = { mode: 'none' };
      // A gateway that runs would see the new file, and start anew by itself at the same time.
      await stage.runtime.stop(['gateway-main']);
      // Nobody may write it, not even the ordinary user whose file it is; started by root, its service reads it by its group.
      chmodSync(path, 0o640);
      writeFileSync(path, JSON.stringify(config));
      await stage.runtime.start(['gateway-main']);
      await connected(stage);
    },
  },
  {
    name: 'the device of a node is removed',
    repairedBy: 'up',
    finds: ['openclaw.node'],
    also: ['openclaw.stranger'],
    weaken: (stage) =>
      asOperator(stage, async (rpc) => {
        const [device] = (await rpc.devices()).paired.filter((one) => one.role === 'node' || one.roles?.includes('node') === true);
        if (!device) throw new Error('there is no node to remove');
        await rpc.removeDevice(device.deviceId);
      }),
  },
  {
    name: 'a stranger is paired',
    repairedBy: 'hand',
    finds: ['openclaw.stranger'],
    // It holds the token in its environment.
    also: ['secrets.host-processes'],
    weaken: async (stage) => {
      const stranger = startStranger(stage, STRANGER_MS);
      const isSeen = await until(async () => ((await statusOf(stage)).strangers.length > 0 ? true : undefined), {
        timeoutMs: NODE_MS,
        everyMs: 500,
      });
      if (!isSeen) throw new Error(`no stranger was seen: ${JSON.stringify(await stranger.running)}`);
      return async () => {
        await stranger.end();
        await asOperator(stage, async (rpc) => {
          for (const one of (await rpc.devices()).pending) if (one.requestId !== undefined) await rpc.rejectDevice(one.requestId);
        });
      };
    },
  },
];

/** Sets the node's policy past lobsterpot. */
async function setPolicy(stage: Stage, document: string): Promise<void> {
  const command = ['{node}', '{openclaw}', 'approvals', 'set', '--stdin'];
  const ended = await stage.runtime.once('node-nas', command, { stdin: document, timeoutMs: NODE_MS });
  if (ended.code !== 0) throw new Error(`approvals set: ${ended.stderr}`);
}

async function asOperator(stage: Stage, act: (rpc: GatewayRpc) => Promise<void>): Promise<void> {
  const token = new Redacted(readFileSync(join(stage.root, 'secrets/gateway-main-token'), 'utf8'));
  await withGateway({ url: 'ws://127.0.0.1:18789', token, timeoutMs: 10_000 }, act);
}

/** Waits until the node is with its gateway again. */
export async function connected(stage: Stage): Promise<void> {
  const isBack = await until(async () => ((await statusOf(stage)).nodes.every(({ state }) => state === 'connected') ? true : undefined), {
    timeoutMs: NODE_MS,
    everyMs: 500,
  });
  if (!isBack) throw new Error('the node is not connected again');
}
