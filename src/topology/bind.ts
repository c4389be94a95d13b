import { isIP } from 'node:net';
import { parseAddress } from '../policy/address.ts';
import { classifyAddress } from '../policy/address-class.ts';
import type { Warning } from './deployment.ts';
import type { Mistake } from './mistake.ts';

const LOOPBACK = '127.0.0.1';

/** What is wrong with the address a gateway's Control UI is published on. */
export function checkBind(gateway: string, bind: string | undefined): readonly Mistake[] {
  const cause = bind === undefined ? undefined : faultOfBind(bind);
  if (cause === undefined) return [];
  const change = `write one address of the host, or remove bind: ${LOOPBACK} is reached with: npx lobsterpot ui ${gateway} --forward`;
  return [{ code: 'value', path: ['gateways', gateway, 'bind'], what: 'not an address to publish on', cause, change }];
}

/** Said of an address that others than the host itself reach. */
export function bindWarnings(gateway: string, bind: string): readonly Warning[] {
  const reach = classOf(bind);
  if (reach === 'loopback') return [];
  const who = reach === 'public' ? 'the internet' : 'its network';
  return [
    {
      path: `gateways.${gateway}.bind`,
      message: `the Control UI is open to ${who}, without encryption: whoever listens there reads along`,
      fix: `remove bind and reach it through lobsterpot: npx lobsterpot ui ${gateway} --forward`,
    },
  ];
}

function faultOfBind(bind: string): string | undefined {
  if (isIP(bind) === 0 || bind.includes('%')) return 'it is not an IP address';
  switch (classOf(bind)) {
    case 'unspecified':
      return 'it stands for every address of the host, also those that come later';
    case 'multicast':
    case 'metadata':
    case 'reserved':
    case 'link-local':
    case 'translated':
    case undefined:
      return 'it is no address that a host keeps';
    case 'public':
    case 'private':
    case 'cgnat':
    case 'benchmark':
    case 'loopback':
      return undefined;
  }
}

function classOf(bind: string): ReturnType<typeof classifyAddress> | undefined {
  const address = parseAddress(bind);
  return address === undefined || address === 'broken' ? undefined : classifyAddress(address);
}
