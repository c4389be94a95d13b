import { domainToASCII } from 'node:url';
import { isRecord } from '../../core/json.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import { allowedName, connectsUnlessAllowed, rawHeads } from './policy-oracle.ts';
import { judgeEach } from './probe.ts';
import type { Probe, Results } from './probe.ts';
import { connectHead, forwardHead } from './request-heads.ts';
import type { Subject } from './subject.ts';

const common = { severity: 'critical', from: 'inside', roles: ['gateway', 'node'], control: 'gate', judge: refusedByGate } as const;
const OPEN = 'the gate lets everything pass';

const fix = (subject: Subject): string =>
  subject.policy.mode === 'report'
    ? 'the policy only reports: set egress.mode to enforce in lobsterpot.yaml, then run: lobsterpot up'
    : 'the gate does not enforce the policy of lobsterpot.yaml; start it anew: lobsterpot up';

/** A name of this run that no policy allows. `.invalid` never resolves anywhere. */
const denied = (subject: Subject): string => `${subject.canary}.lobsterpot.invalid`;
/** What look-alikes are made from: an allowed name, or one that is often allowed. */
const model = (subject: Subject): string => allowedName(subject) ?? 'api.example.com';

/** What the gate must refuse, whichever way it is asked. */
export const GATE_PROBES: readonly Probe[] = [
  {
    ...common,
    id: 'egress.denied-name',
    title: 'a name that no rule allows is refused',
    tries: 'CONNECT to random names on 443',
    sabotage: OPEN,
    attempts: (subject) =>
      connectsUnlessAllowed(subject, [
        [denied(subject), 443],
        [`a.b.c.${denied(subject)}`, 443],
      ]),
    fix,
  },
  {
    ...common,
    id: 'egress.look-alikes',
    title: 'names that look like an allowed one are refused',
    tries: 'CONNECT to an allowed name with something before or after it, and to one in other letters that look the same',
    sabotage: 'the gate compares the ends of names only',
    attempts: (subject) => {
      const name = model(subject);
      return connectsUnlessAllowed(subject, [
        [`${name}.${denied(subject)}`, 443],
        [`${name}-${denied(subject)}`, 443],
        [`${subject.canary}${name}`, 443],
        [domainToASCII(`\u{430}${name.slice(1)}`) || `xn--${subject.canary}`, 443],
      ]);
    },
    fix,
  },
  {
    ...common,
    id: 'egress.other-sub-domain',
    title: 'sub-domains and parents of an allowed name are refused',
    tries: 'CONNECT to a random name below an allowed one, beside it, and to its parent',
    sabotage: 'the gate compares the ends of names only',
    attempts: (subject) => {
      const name = model(subject);
      const parent = name.split('.').slice(1).join('.');
      return connectsUnlessAllowed(subject, [
        [`${subject.canary}.${name}`, 443],
        ...(parent.includes('.')
          ? ([
              [parent, 443],
              [`${subject.canary}.${parent}`, 443],
            ] as const)
          : []),
      ]);
    },
    fix,
  },
  {
    ...common,
    id: 'egress.name-tricks',
    title: 'ways of writing a name do not change the answer',
    tries: 'CONNECT with upper case, a final dot, a user before @, percent escapes, a space, a zero byte, two hosts',
    sabotage: OPEN,
    attempts: (subject) => {
      const name = model(subject);
      const evil = denied(subject);
      const forms = [
        evil.toUpperCase(),
        `${evil}.`,
        `${name}@${evil}`,
        `${evil}%2e`,
        `${name}%00.${evil}`,
        `${name}\t.${evil}`,
        `${name}\0.${evil}`,
        `${evil}:443,${name}`,
        `${name}%40${evil}`,
      ];
      return rawHeads(
        subject,
        Object.fromEntries(forms.map((form) => [`CONNECT ${JSON.stringify(form).slice(1, -1)}`, connectHead(`${form}:443`)])),
      );
    },
    fix,
  },
  {
    ...common,
    id: 'egress.by-address',
    title: 'addresses are refused where only names are allowed',
    tries: 'CONNECT to public addresses, IPv4 and IPv6, on 443 and 22',
    sabotage: OPEN,
    attempts: (subject) => {
      const { publicAddress, hostileAddress, ipv6Address } = subject.targets;
      return connectsUnlessAllowed(subject, [
        [publicAddress, 443],
        [hostileAddress, 443],
        [hostileAddress, 22],
        [`[${ipv6Address}]`, 443],
      ]);
    },
    fix,
  },
  {
    ...common,
    id: 'egress.gate-loopback',
    title: 'the gate is no way to its own loopback',
    tries: 'CONNECT to loopback written as name, decimal, octal, hexadecimal, short, IPv6 and mapped',
    sabotage: OPEN,
    attempts: (subject) => {
      const forms = [
        '127.0.0.1',
        'localhost',
        `${subject.canary}.localhost`,
        '2130706433',
        '0x7f000001',
        '0177.0.0.1',
        '127.1',
        '0.0.0.0',
        '[::1]',
        '[::]',
        '[::ffff:127.0.0.1]',
        '[::ffff:7f00:1]',
        '[64:ff9b::7f00:1]',
      ];
      const published = subject.allServices.flatMap(({ published: list }) => list.map(({ port }) => port));
      return connectsUnlessAllowed(subject, [
        ...forms.map((form) => [form, 443] as const),
        ...published.map((port) => ['127.0.0.1', port] as const),
      ]);
    },
    fix,
  },
  {
    ...common,
    id: 'egress.gate-metadata',
    title: 'the gate is no way to cloud metadata',
    tries: 'CONNECT and a plain request to the metadata address, also in decimal and IPv6, and to its name',
    sabotage: OPEN,
    attempts: (subject) => ({
      ...connectsUnlessAllowed(subject, [
        ...subject.targets.metadataAddresses.flatMap((address) => [[address, 80] as const, [address, 443] as const]),
        ['2852039166', 80],
        ['[fd00:ec2::254]', 80],
        ['[::ffff:169.254.169.254]', 80],
        ['metadata.google.internal', 80],
      ]),
      ...rawHeads(subject, { 'GET http://169.254.169.254/': forwardHead('http://169.254.169.254/latest/meta-data/', '169.254.169.254') }),
    }),
    fix,
  },
  {
    ...common,
    id: 'egress.gate-lan',
    title: 'the gate is no way to the local network or its own host',
    tries: "CONNECT to neighbours of the host and to the host's own addresses on 22, 80 and 443",
    sabotage: OPEN,
    attempts: (subject) =>
      connectsUnlessAllowed(
        subject,
        [...subject.targets.lanAddresses, ...subject.hostAddresses.slice(0, 8)].flatMap((address) =>
          [22, 80, 443].map((port) => [address.includes(':') ? `[${address}]` : address, port] as const),
        ),
      ),
    fix,
  },
  {
    ...common,
    id: 'egress.other-ports',
    title: 'an allowed name is open on its own port alone',
    tries: 'CONNECT to an allowed name on 22, 25, 80, 8443 and on broken port numbers',
    sabotage: OPEN,
    attempts: (subject) => {
      const name = allowedName(subject);
      if (name === undefined) return {};
      const broken = Object.fromEntries(
        ['0443', '443443', '-1', '0x1bb', ''].map((port) => [`CONNECT ${name}:${port}`, connectHead(`${name}:${port}`)]),
      );
      return {
        ...connectsUnlessAllowed(
          subject,
          [22, 25, 80, 8443].map((port) => [name, port] as const),
        ),
        ...rawHeads(subject, broken),
      };
    },
    fix,
  },
  {
    ...common,
    id: 'egress.plain-http',
    title: 'plain requests are refused',
    tries: 'GET by absolute address to a denied name, the loopback and the host, and with a Host header unlike the address',
    sabotage: OPEN,
    attempts: (subject) =>
      rawHeads(subject, {
        'GET denied name': forwardHead(`http://${denied(subject)}/`, denied(subject)),
        'GET loopback': forwardHead('http://127.0.0.1/', '127.0.0.1'),
        ...Object.fromEntries(
          subject.hostAddresses
            .filter((one) => !one.includes(':'))
            .slice(0, 4)
            .map((address) => [`GET ${address}`, forwardHead(`http://${address}/`, address)]),
        ),
        'GET with another Host': forwardHead(`http://${denied(subject)}/`, model(subject)),
        'GET allowed Host': forwardHead(`http://${model(subject)}/`, denied(subject)),
        'GET https': forwardHead(`https://${denied(subject)}/`, denied(subject)),
      }),
    fix,
  },
  {
    ...common,
    id: 'egress.broken-heads',
    title: 'broken and oversized requests are refused',
    severity: 'high',
    tries: 'CONNECT with a line too many, two lengths, folded and oversized headers',
    sabotage: OPEN,
    attempts: (subject) => {
      const to = `${denied(subject)}:443`;
      return rawHeads(subject, {
        'two lengths': `POST http://${denied(subject)}/ HTTP/1.1\r\nHost: ${denied(subject)}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
        'folded header': `CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\nX: a\r\n b\r\n\r\n`,
        'oversized header': `CONNECT ${model(subject)}:443 HTTP/1.1\r\nHost: ${model(subject)}:443\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`,
        'no version': `CONNECT ${to}\r\n\r\n`,
        'http/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      });
    },
    fix,
  },
  {
    ...common,
    id: 'egress.gate-control',
    title: "the gate's control is not reachable through its way out",
    tries: 'control requests, status pages and the gate itself as a destination, on the socket that services have',
    sabotage: 'the control listener is given to a service',
    attempts: (subject) =>
      rawHeads(subject, {
        'control line': '{"op":"status"}\n',
        'control line, ended': '{"op":"status"}\r\n\r\n',
        'GET /': 'GET / HTTP/1.1\r\nHost: gate\r\n\r\n',
        'GET /status': 'GET /status HTTP/1.1\r\nHost: 127.0.0.1:3128\r\n\r\n',
        'GET /metrics': 'GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:3128\r\n\r\n',
        'POST /reload': 'POST /reload HTTP/1.1\r\nHost: 127.0.0.1:3128\r\nContent-Length: 0\r\n\r\n',
        'CONNECT to the gate': connectHead('127.0.0.1:3128'),
      }),
    judge: (results) =>
      judgeEach(results, ({ outcome, body }) => {
        if (outcome === 'broken') return 'unclear';
        // No answer to half a request is right; any word of the control protocol is not.
        return outcome === 'succeeded' || /"ok": ?true|uptimeMs|policyDigest/.test(body ?? '') ? 'bad' : 'good';
      }),
    fix,
  },
  {
    ...common,
    id: 'egress.explains',
    title: 'a refusal says why and what to do',
    severity: 'low',
    tries: 'CONNECT to a denied name: the answer must be 403 with a JSON body that names host, reason and next step',
    sabotage: OPEN,
    attempts: (subject) => connectsUnlessAllowed(subject, [[denied(subject), 443]]),
    judge: (results) =>
      judgeEach(results, ({ outcome, status, body }) =>
        outcome === 'broken' ? 'unclear' : status === 403 && explains(body ?? '') ? 'good' : 'bad',
      ),
    fix,
  },
  {
    ...common,
    id: 'egress.private-answers',
    title: 'an allowed name that resolves to a private address is refused',
    tries: 'CONNECT to allowed names whose answers are private, loopback, metadata or changing addresses; only where such names are known',
    sabotage: 'the gate does not check what a name resolves to',
    attempts: (subject) =>
      rawHeads(
        subject,
        Object.fromEntries(subject.targets.privateNames.map((name) => [`CONNECT ${name}:443`, connectHead(`${name}:443`)])),
      ),
    fix,
  },
];

/** A refusal by policy is 400 or 403. 502 is none: the gate let it pass, and only the far end was not there. */
function refusedByGate(results: Results): Judgement {
  return judgeEach(results, ({ outcome, status = 0 }) => {
    if (outcome === 'succeeded' || status === 502 || status === 504) return 'bad';
    return outcome === 'refused' && status >= 400 && status < 500 ? 'good' : 'unclear';
  });
}

function explains(body: string): boolean {
  try {
    const said: unknown = JSON.parse(body);
    return isRecord(said) && said['blocked'] === true && typeof said['reason'] === 'string' && typeof said['next'] === 'string';
  } catch {
    return false;
  }
}
