import type { Probe, Results } from './probe.ts';
import { judgeEach, notReached } from './probe.ts';
import type { Subject } from './subject.ts';

const fix = (subject: Subject): string =>
  `the service ${subject.service.name} can ask a resolver; start it anew without one: lobsterpot up`;

/** A perl line that opens one socket and says what came of it; perl, because Node has no raw sockets. */
const openSocket = (domain: number, type: number, protocol: number): readonly string[] => [
  '/usr/bin/perl',
  '-e',
  'use Errno; if (socket(my $s, $ARGV[0], $ARGV[1], $ARGV[2])) { print "opened"; exit 0 } my $n = $! + 0; for (keys %!) { $! = $n; if ($!{$_}) { print; exit 1 } } print "errno $n"; exit 1',
  String(domain),
  String(type),
  String(protocol),
];

const OWN_RESOLVER = 'the own resolver';
const OWN_NAMES: ReadonlySet<string> = new Set([OWN_RESOLVER, 'resolver 127.0.0.1']);

/** Did the resolver that a service has say no by itself? If nobody did, a question went nowhere and there is nothing to record. */
export function sinkholeAnswered(results: Results): boolean {
  return results.get(`egress.dns-resolver#${OWN_RESOLVER}`)?.code === 'EREFUSED';
}

/** Names, raw packets and address families that need no route. */
export const NAME_PROBES: readonly Probe[] = [
  {
    id: 'egress.dns-system',
    title: 'no name is looked up',
    severity: 'high',
    from: 'inside',
    roles: ['gateway', 'node'],
    control: 'network',
    tries:
      "a random name and a long one that carries data, by the system's resolver; an answer of any kind means that the question went out",
    sabotage: 'service shares the network of its host',
    attempts: ({ canary }) => ({
      'a random name': { kind: 'lookup', name: `${canary}.lobsterpot.invalid` },
      'a name that carries data': { kind: 'lookup', name: `${'x'.repeat(40)}.${'y'.repeat(40)}.${canary}.lobsterpot.invalid` },
    }),
    judge: notReached,
    fix,
  },
  {
    id: 'egress.dns-resolver',
    title: 'no resolver is reached',
    severity: 'high',
    from: 'inside',
    roles: ['gateway', 'node'],
    control: 'network',
    tries: 'a TXT question for a random name to the own resolver, to each known one, to the local network and to 127.0.0.1',
    sabotage: 'service shares the network of its host',
    attempts: ({ canary, targets, traits }) =>
      Object.fromEntries([
        [OWN_RESOLVER, { kind: 'resolve', name: `${canary}.lobsterpot.invalid` } as const],
        ...[...targets.resolvers, ...targets.lanAddresses, ...traits.loopbackResolvers].map(
          (server) => [`resolver ${server}`, { kind: 'resolve', name: `${canary}.lobsterpot.invalid`, server } as const] as const,
        ),
      ]),
    // c-ares tells a refused question from one that got no answer, and in a network of its own nothing is ever silent.
    judge: (results, { traits }) =>
      judgeEach(results, ({ outcome, detail }, name) => {
        if (outcome === 'refused') return 'good';
        if (outcome === 'broken') return 'unclear';
        // The service's own is silent when the gate behind it is.
        if (outcome === 'no-answer' && OWN_NAMES.has(name)) return 'unclear';
        // An engine's own resolver says that it could not ask anybody; a name of `.invalid` is never answered so by one that was asked.
        const mayBe = traits.closedWay === 'nobody-answers' && (outcome === 'no-answer' || detail === 'answered ESERVFAIL');
        return mayBe ? 'good' : 'bad';
      }),
    fix,
  },
  {
    id: 'egress.raw-sockets',
    // An image has no program that could try; without a capability there is no raw socket.
    runtimes: ['process'],
    title: 'no raw packets',
    severity: 'high',
    from: 'inside',
    roles: ['gateway', 'node'],
    control: 'programs',
    tries: 'opening a raw ICMP, an IPv6 raw and a packet socket',
    sabotage: 'the service has all rights in its own network',
    attempts: () => ({
      'raw icmp': { kind: 'run', argv: openSocket(2, 3, 1) },
      'raw icmp6': { kind: 'run', argv: openSocket(10, 3, 58) },
      'packet socket': { kind: 'run', argv: openSocket(17, 3, 0x0300) },
    }),
    judge: refusedBy(['EPERM', 'EACCES', 'EAFNOSUPPORT', 'EPROTONOSUPPORT']),
    fix: ({ service }) => `the service ${service.name} holds rights it must not have; start it anew: lobsterpot up`,
  },
  {
    id: 'egress.other-families',
    runtimes: ['process'],
    title: 'no address family that passes by the network namespace',
    severity: 'high',
    from: 'inside',
    roles: ['gateway', 'node'],
    control: 'programs',
    tries: 'opening a vsock socket (it reaches the hypervisor), a Bluetooth and a kernel-crypto socket',
    sabotage: 'service runs without the system call filter',
    attempts: () => ({
      vsock: { kind: 'run', argv: openSocket(40, 1, 0) },
      bluetooth: { kind: 'run', argv: openSocket(31, 1, 0) },
      'kernel crypto': { kind: 'run', argv: openSocket(38, 5, 0) },
    }),
    judge: refusedBy(['EPERM', 'EACCES', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ESOCKTNOSUPPORT']),
    fix: ({ service }) => `install perl, which loads the system call filter of ${service.name}, then run: lobsterpot up`,
  },
];

/** The perl line prints the error's name: only a real refusal is one, an absent perl is not. */
function refusedBy(errors: readonly string[]): Probe['judge'] {
  return (results) =>
    judgeEach(results, ({ outcome, detail }) => {
      if (outcome === 'succeeded') return 'bad';
      return outcome === 'refused' && errors.includes(detail?.trim() ?? '') ? 'good' : 'unclear';
    });
}
