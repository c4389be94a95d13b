import { isIP } from 'node:net';
import { isRecord } from '../core/json.ts';
import { isAccount } from './connect.ts';
import type { Connect, Link, Warning } from './deployment.ts';
import { text } from './loose-view.ts';
import { type KeyPath, type Mistake, pathText } from './mistake.ts';

/** The two ends of a link, as their hosts are named and reached. */
export type Ends = { readonly node: string; readonly gateway: string; readonly connect: Connect };

const SSH_PORT = 22;

/** A node's link with what the gateway's host says in the place of what is not written, or what is wrong with it. */
export function readLink(written: unknown, ends: Ends, path: KeyPath): { readonly link?: Link; readonly mistakes: readonly Mistake[] } {
  // What is neither form is the schema's to complain about.
  if (!isRecord(written) && written !== undefined && written !== 'ssh-tunnel') return { mistakes: [] };
  const fields = isRecord(written) ? written : {};
  const ssh = ends.connect.kind === 'ssh' ? ends.connect : undefined;
  const user = 'user' in fields ? text(fields, 'user').user : ssh?.user;
  const address = ('address' in fields ? text(fields, 'address').address : ssh?.host)?.toLowerCase();
  const port = typeof fields['port'] === 'number' ? fields['port'] : (ssh?.port ?? SSH_PORT);
  const lacking = [
    ...('user' in fields || user !== undefined ? [] : ['user']),
    ...('address' in fields || address !== undefined ? [] : ['address']),
  ];
  const mistakes = [
    ...(lacking.length === 0 ? [] : [lacks(lacking, ends, path)]),
    ...(user === undefined || isAccount(user)
      ? []
      : [refused([...path, 'user'], 'it is no name of an account', 'write the account that takes the key of the link')]),
    ...(address === undefined ? [] : checkAddress(address, ends, [...path, 'address'])),
  ];
  if (mistakes.length > 0 || user === undefined || address === undefined) return { mistakes };
  return { link: { kind: 'ssh-tunnel', user, address, port }, mistakes };
}

/** Addresses of a link that are valid and that a container may not find. */
export function linkWarnings(node: string, link: Link): readonly Warning[] {
  if (isIP(link.address) !== 0) return [];
  const path = pathText(['nodes', node, 'link', 'address']);
  const fix = 'write link: { type: ssh-tunnel, address: ADDRESS } with the fixed address of that host in your network';
  if (link.address.endsWith('.local')) {
    return [{ path, message: `${link.address} is found by multicast, which does not reach into a container`, fix }];
  }
  return link.address.includes('.') ? [] : [{ path, message: `${link.address} may be a name that this machine alone knows`, fix }];
}

function checkAddress(address: string, { node, gateway }: Ends, path: KeyPath): readonly Mistake[] {
  const change = `write the address at which ${node} reaches ${gateway}`;
  const bare = /^\[?([^\]]*)\]?$/.exec(address)?.[1] ?? '';
  if (/^127\.|^::1$|^localhost$|\.localhost$|^0\.|^::$/.test(bare)) {
    return [refused(path, `on ${node} this is ${node} itself`, change)];
  }
  // What looks like an address and is none would be looked up as a name.
  const isName = /^(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*$/.test(address) && !/(?:^|\.)[0-9]+$/.test(address);
  return isIP(address) !== 0 || (isName && address.length <= 253)
    ? []
    : [refused(path, 'it is neither a host name nor an address', change)];
}

function refused(path: KeyPath, cause: string, change: string): Mistake {
  return { code: 'link', path, what: 'not a possible value', cause, change };
}

function lacks(lacking: readonly string[], { node, gateway, connect }: Ends, path: KeyPath): Mistake {
  const cause =
    connect.kind === 'local'
      ? `${gateway} is this machine, and how ${node} reaches it stands nowhere else`
      : `connect of ${gateway} names no account, and ${node} does not know your ssh configuration`;
  return {
    code: 'link',
    path,
    what: `the link from ${node} to ${gateway} lacks ${lacking.join(' and ')}`,
    cause,
    change: `write link: { type: ssh-tunnel, ${lacking.map((one) => (one === 'user' ? 'user: ACCOUNT' : `address: ADDRESS`)).join(', ')} }; the account and the address of ${gateway} as ${node} sees it`,
  };
}
