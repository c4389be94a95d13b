import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResult } from '../../src/hosts/host.ts';
import type { Stage } from './stage.ts';

const STATE = '/tmp/stranger';

// The real program, with a state of its own and the name of the enrolled node.
const PROGRAM = `
const { spawn } = require('node:child_process');
const token = require('node:fs').readFileSync(0, 'utf8').trim();
const env = { ...process.env, HOME: '${STATE}', OPENCLAW_STATE_DIR: '${STATE}', OPENCLAW_GATEWAY_TOKEN: token };
const argv = [process.argv[1], 'node', 'run', '--host', '127.0.0.1', '--port', '18790', '--no-tls', '--display-name', 'nas'];
const child = spawn(process.execPath, argv, { env, stdio: 'inherit' });
child.on('exit', (code) => process.exit(code ?? 1));
`;

/** Somebody who holds the gateway's token and starts a node host of their own with it. */
export type Stranger = {
  /** How it ended, at the latest after its time limit. */
  readonly running: Promise<RunResult>;
  /** Ends it at once. */
  end(): Promise<void>;
};

/** Starts one beside the node, in the same containment; it asks to be paired. */
export function startStranger(stage: Stage, timeoutMs: number): Stranger {
  const stdin = readFileSync(join(stage.root, 'secrets/gateway-main-token'), 'utf8');
  const running = stage.runtime.once('node-nas', ['{node}', '--eval', PROGRAM, '{openclaw}'], { stdin, timeoutMs });
  return {
    running,
    end: async () => {
      for (const one of stage.own())
        if (one.environment?.includes(`OPENCLAW_STATE_DIR=${STATE}`) === true) process.kill(one.pid, 'SIGKILL');
      await running;
    },
  };
}
