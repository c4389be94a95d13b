import type { EgressPolicy } from '../policy/policy.ts';
import { NEVER, PRIVATE } from './closed-addresses.ts';
import { logFormat } from './log-format.ts';
import { aclText, accessOf, type ClientRules, deniedOf, type PortRules, portRules } from './rule-acls.ts';
import type { SquidHop, SquidSettings } from './squid-settings.ts';

const CONNECTIONS = 900;

/**
 * `squid.conf` for a policy as it is at `nowMs`: rules that have ended are not in it, so it must be made anew at the next end.
 * Names are judged before anything is looked up, and what they resolve to before anything is dialled. Pure.
 */
export function squidConf(policy: EgressPolicy, settings: SquidSettings, nowMs: number): string {
  // In report mode a wrong name in the ClientHello passes too: there is nothing for a second hop to do.
  const hop = policy.mode === 'report' ? undefined : settings.hop;
  const clients = settings.clients.map(({ client }, index) => ({ client, id: String(index + 1), ports: portRules(policy, client, nowMs) }));
  const used = new Set(clients.flatMap(({ ports }) => ports.map(({ port }) => port)));
  return [
    '# Written by lobsterpot from the egress policy: changes here are lost when the policy or this service changes.',
    `# Deployment ${policy.deployment}, mode ${policy.mode}.`,
    '',
    ...ports(settings, hop),
    '',
    ...behaviour(settings),
    '',
    `logformat lobsterpot ${logFormat(hop !== undefined)}`,
    'acl at_health myportname health',
    // The keeper takes it, and the whole service ends with the keeper; a Squid that nobody listens to ends when its buffer is full.
    // The one that it has by itself is full at some thousand tunnels a second.
    `access_log tcp://127.0.0.1:${settings.logPort} logformat=lobsterpot buffer-size=8MB on-error=die !at_health`,
    '',
    '# What nothing opens, and where an allowed name may not lead.',
    ...aclText('never', 'dst', [...NEVER, ...settings.own]),
    ...aclText('private', 'dst', PRIVATE),
    'acl local_name dstdomain -n .localhost',
    'acl connect method CONNECT',
    ...[...used].toSorted((a, b) => a - b).map((port) => `acl port_${port} port ${port}`),
    'http_access deny !connect',
    'http_access deny local_name',
    '',
    ...clients.flatMap((one) => clientLines(one, policy.mode)),
    ...(hop ? hopLines(hop, clients, used) : ['http_access deny at_health', '']),
    'http_access deny all',
    '',
  ].join('\n');
}

function ports({ clients, healthPort }: SquidSettings, hop: SquidHop | undefined): readonly string[] {
  return [
    '# One port a client: the port is who it is.',
    ...clients.map(({ client, port }) => `http_port 127.0.0.1:${port} name=${client}`),
    `http_port 127.0.0.1:${healthPort} name=health`,
    ...(hop
      ? [
          '# The second hop: reached by this Squid alone, it reads the ClientHello of what the ports above let through.',
          `http_port 127.0.0.1:${hop.port} name=hop ssl-bump generate-host-certificates=off tls-cert=${hop.certificateFile}`,
        ]
      : []),
  ];
}

function behaviour({ dns, pages }: SquidSettings): readonly string[] {
  return [
    'visible_hostname gate',
    'pid_filename none',
    'pinger_enable off',
    'coredump_dir none',
    'cache_log /dev/null',
    'cache_store_log none',
    'icp_port 0',
    'htcp_port 0',
    '# Nothing is kept, in memory or on disk.',
    'cache deny all',
    'cache_mem 0',
    'memory_pools off',
    'digest_generation off',
    '# What is asked of the resolvers is a name that a rule allows, and one answer serves the check and the connection.',
    ...(dns ? [`dns_nameservers ${dns.join(' ')}`] : []),
    'hosts_file none',
    'dns_timeout 5 seconds',
    'negative_dns_ttl 10 seconds',
    'positive_dns_ttl 1 minute',
    '# Nobody is told who asks, and no header outlives a request.',
    'forwarded_for delete',
    'request_header_access Via deny all',
    'reply_header_access Via deny all',
    'httpd_suppress_version_string on',
    `error_directory ${pages}`,
    'email_err_data off',
    'check_hostnames on',
    'client_persistent_connections off',
    'server_persistent_connections off',
    'half_closed_clients off',
    '# Limits of size, time and number.',
    'request_header_max_size 16 KB',
    'reply_header_max_size 16 KB',
    'request_start_timeout 10 seconds',
    'request_timeout 10 seconds',
    'connect_timeout 10 seconds',
    'forward_timeout 20 seconds',
    'read_timeout 15 minutes',
    'client_lifetime 24 hours',
    `client_ip_max_connections ${CONNECTIONS}`,
    'shutdown_lifetime 0 seconds',
  ];
}

function clientLines({ client, id, ports: rules }: ClientRules, mode: EgressPolicy['mode']): readonly string[] {
  const at = `at_${id}`;
  return [
    `# ${client}`,
    `acl ${at} myportname ${client}`,
    ...(mode === 'report'
      ? [...rules.flatMap((one) => deniedOf(one, { at, id })), `http_access allow ${at} !never`]
      : rules.flatMap((one) => accessOf(one, { at, id }))),
    '',
  ];
}

/** The hop lets through what any client may: which one it is was judged before. */
function hopLines(hop: SquidHop, clients: readonly ClientRules[], used: ReadonlySet<number>): readonly string[] {
  const plain = used.has(80);
  const direct = plain ? ['always_direct allow port_80'] : [];
  return [
    '# What the second hop lets through: what the name in the ClientHello says too.',
    'acl at_hop myportname hop',
    'acl health_name dstdomain -n health.invalid',
    'acl hello at_step SslBump1',
    'external_acl_type same_name ttl=60 negative_ttl=60 children-startup=1 children-max=2 children-idle=1 ' +
      `%ssl::>sni %>rd /bin/sh ${hop.sameNameFile}`,
    'acl named_in_hello external same_name',
    `cache_peer 127.0.0.1 parent ${hop.port} 0 no-query no-digest no-netdb-exchange default name=hop`,
    'cache_peer_access hop deny at_hop',
    ...(plain ? ['cache_peer_access hop deny port_80'] : []),
    'cache_peer_access hop allow all',
    'always_direct allow at_hop',
    ...direct,
    'never_direct allow all',
    // Only to find out whether the hop answers; there it is denied.
    'http_access allow at_health health_name',
    ...clients.flatMap(({ id, ports: rules }) => rules.flatMap((one) => allowedAtHop(one, id))),
    'ssl_bump peek hello',
    'ssl_bump splice named_in_hello',
    'ssl_bump terminate all',
    '',
  ];
}

function allowedAtHop(rules: PortRules, id: string): readonly string[] {
  return accessOf(rules, { at: 'at_hop', id, isSecond: true });
}
