import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

import { Problem } from '../core/problem.ts';
import type { Host } from '../hosts/host.ts';

/** Where lobsterpot keeps things on this machine (XDG): absolute folders. */
export type Workspace = {
  /** Every deployment's state, one folder each. */
  readonly deployments: string;
  /** What can be installed again: OpenClaw's runtimes. */
  readonly data: string;
};

/** Reads XDG_STATE_HOME and XDG_DATA_HOME; relative values are ignored, as the XDG specification says. */
export function workspaceFrom(env: Readonly<Record<string, string | undefined>>): Workspace {
  const home = env['HOME'] !== undefined && isAbsolute(env['HOME']) ? env['HOME'] : homedir();
  const folder = (value: string | undefined, fallback: string): string =>
    value !== undefined && isAbsolute(value) ? value : join(home, fallback);
  return {
    deployments: join(folder(env['XDG_STATE_HOME'], '.local/state'), 'lobsterpot'),
    data: join(folder(env['XDG_DATA_HOME'], '.local/share'), 'lobsterpot'),
  };
}

/** The folder of one deployment. */
export function deploymentRoot(workspace: Workspace, name: string): string {
  return join(workspace.deployments, name);
}

/** Refuses a deployment's folder that is somebody else's or open to others; an absent one is fine. */
export async function checkRoot(host: Host, root: string, uid: number): Promise<void> {
  const [state] = await host.stat([root]);
  if (!state || state.kind === 'absent') return;
  if (state.kind !== 'directory') {
    throw new Problem('converge/root-not-folder', `the deployment's place ${root} is not a folder`, {
      cause: 'a file or a link is there',
      fix: `move it away: mv ${root} ${root}.old`,
    });
  }
  if (state.owner.uid !== uid) {
    throw new Problem('converge/root-owner', `the deployment's folder belongs to another user (uid ${state.owner.uid})`, {
      cause: `${root} is not owned by uid ${uid}, who runs lobsterpot`,
      fix: 'run lobsterpot as that user, or set XDG_STATE_HOME to a folder of your own',
    });
  }
  if ((state.mode & 0o022) !== 0) {
    throw new Problem('converge/root-mode', "other users can write in the deployment's folder", {
      cause: `${root} has mode ${state.mode.toString(8)}`,
      fix: `chmod 700 ${root}`,
    });
  }
}
