import { GATEWAY_HEALTH_PATH } from '../openclaw/config/commands.ts';
import { INSIDE } from '../openclaw/inside-paths.ts';
import type { Link } from '../topology/deployment.ts';
import { knownHosts } from './known-hosts.ts';
import { linkKeyName, linkService } from './names.ts';
import type { Service } from './service.ts';

/** What a link is made of. */
export type LinkInput = {
  readonly node: string;
  readonly host: string;
  readonly link: Link;
  /** Loopback port on the gateway's host that leads to the gateway. */
  readonly gatewayPort: number;
  /** Public keys of the gateway's host, each its type and base64. */
  readonly hostKeys: readonly string[];
};

/** Where ssh finds its files inside. */
const KNOWN_HOSTS = 'known_hosts';
const KEY = 'link-key';

// A half-open connection is given up after 45 seconds; the runtime then starts ssh again.
const OPTIONS = [
  'BatchMode=yes',
  'ConnectTimeout=10',
  'ExitOnForwardFailure=yes',
  'ServerAliveInterval=15',
  'ServerAliveCountMax=3',
  'StrictHostKeyChecking=yes',
  `UserKnownHostsFile=/config/${KNOWN_HOSTS}`,
  'GlobalKnownHostsFile=/dev/null',
  'UpdateHostKeys=no',
  `IdentityFile=/secrets/${KEY}`,
  'IdentitiesOnly=yes',
  'IdentityAgent=none',
  'PreferredAuthentications=publickey',
  'ForwardAgent=no',
];

/** The near end of a node's tunnel: it dials the gateway's host and has no other way in than the node's forward. */
export function linkServiceOf({ node, host, link, gatewayPort, hostKeys }: LinkInput): Service {
  return {
    name: linkService(node),
    role: 'link',
    key: node,
    host,
    hostname: linkService(node),
    command: command(link, gatewayPort),
    env: {},
    files: [{ name: KNOWN_HOSTS, content: knownHosts(link.address, link.port, hostKeys) }],
    secrets: [{ name: linkKeyName(node), file: KEY }],
    network: 'outside',
    listeners: [{ name: 'link', toPort: INSIDE.linkPort }],
    forwards: [],
    published: [],
    limits: { memoryMiB: 128, processes: 32, openFiles: 1024, fileMiB: 16, tmpMiB: 16 },
    // Asked through the tunnel: it answers only when the gateway does.
    health: { kind: 'http', path: GATEWAY_HEALTH_PATH, timeoutMs: 60_000 },
    after: [],
    stopGraceMs: 3000,
  };
}

function command(link: Link, gatewayPort: number): readonly string[] {
  const options = OPTIONS.flatMap((one) => ['-o', one]);
  const forward = `127.0.0.1:${INSIDE.linkPort}:127.0.0.1:${gatewayPort}`;
  return ['{ssh}', '-N', '-T', '-F', 'none', ...options, '-L', forward, '-p', String(link.port), '-l', link.user, '--', link.address];
}
