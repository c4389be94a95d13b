import { networkInterfaces, userInfo } from 'node:os';

import type { Workspace } from '../../converge/workspace.ts';
import type { Host } from '../../hosts/host.ts';
import { isAccount } from '../../topology/connect.ts';
import { loadDeployment } from '../../topology/load.ts';
import { FIRST_GATEWAY_PORT, GATEWAY_PORT_STEP } from '../../topology/schema.ts';
import { knownDeployments } from '../deployment-file.ts';
import type { Machine } from './questions.ts';

/** What becomes a default for a file at `path`, and the first port that no deployment of this machine has for a Control UI. Changes nothing. */
export async function lookAtMachine(host: Host, workspace: Workspace, path: string): Promise<Machine & { readonly port: number }> {
  const account = accountName();
  const address = ownAddress();
  const known = [...(await knownDeployments(workspace))].filter(([, file]) => file !== path);
  const states = await host.stat(known.map(([, file]) => file));
  // A deployment whose file is gone goes over to the next file with its name.
  const others = known.filter((_one, at) => states[at]?.kind === 'file');
  const taken = new Set(others.flatMap(([, file]) => portsOf(file)));
  let port = FIRST_GATEWAY_PORT;
  while (taken.has(port)) port += GATEWAY_PORT_STEP;
  return {
    ...(account === undefined ? {} : { account }),
    ...(address === undefined ? {} : { address }),
    deployments: new Map(others),
    port,
  };
}

/** The ports of a file's gateways here; none where it cannot be read any more. */
function portsOf(file: string): readonly number[] {
  try {
    const { hosts, gateways } = loadDeployment(file);
    const isHere = (name: string): boolean => hosts.some((one) => one.name === name && one.connect.kind === 'local');
    return gateways.filter(({ host }) => isHere(host)).map(({ port }) => port);
  } catch {
    return [];
  }
}

function accountName(): string | undefined {
  try {
    const { username } = userInfo();
    return isAccount(username) ? username : undefined;
  } catch {
    // A uid that no account has.
    return undefined;
  }
}

/** The first address that others may reach this machine at. */
function ownAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('169.254.'))?.address;
}
