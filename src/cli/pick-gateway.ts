import { EXIT } from '../core/exit-code.ts';
import { plainText } from '../core/plain-text.ts';
import { Problem } from '../core/problem.ts';
import type { Deployment, GatewayEntry } from '../topology/deployment.ts';

/** The gateway of that name; without a name the only one. Pure. */
export function pickGateway(deployment: Pick<Deployment, 'gateways'>, name: string | undefined, command: string): GatewayEntry {
  const [first, ...others] = deployment.gateways;
  if (name === undefined && first && others.length === 0) return first;
  const found = deployment.gateways.find((one) => one.name === name);
  if (found) return found;
  const names = deployment.gateways.map((one) => one.name).join(', ');
  throw new Problem(
    'cli/no-gateway',
    name === undefined ? 'which gateway is meant is not said' : `there is no gateway "${plainText(name, 80)}" in the file`,
    {
      cause: names === '' ? 'it has none' : `it has: ${names}`,
      fix: `${command} ${first?.name ?? 'NAME'}`,
      exit: EXIT.usage,
    },
  );
}
