import { isRecord } from '../../core/json.ts';
import { connectsUnlessAllowed, rawHeads } from './policy-oracle.ts';
import { judgeEach } from './probe.ts';
import type { Probe } from './probe.ts';
import { connectHead, forwardHead } from './request-heads.ts';
import { deniedName, fixGate, modelName, OPEN, REFUSAL } from './gate-refusal.ts';

/** Places and requests that the gate must refuse, whichever way it is asked. */
export const GATE_PROBES: readonly Probe[] = [
  {
    ...REFUSAL,
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
    fix: fixGate,
  },
  {
    ...REFUSAL,
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
    fix: fixGate,
  },
  {
    ...REFUSAL,
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
    fix: fixGate,
  },
  {
    ...REFUSAL,
    id: 'egress.plain-http',
    title: 'plain requests are refused',
    tries: 'GET by absolute address to a denied name, the loopback and the host, and with a Host header unlike the address',
    sabotage: OPEN,
    attempts: (subject) =>
      rawHeads(subject, {
        'GET denied name': forwardHead(`http://${deniedName(subject)}/`, deniedName(subject)),
        'GET loopback': forwardHead('http://127.0.0.1/', '127.0.0.1'),
        ...Object.fromEntries(
          subject.hostAddresses
            .filter((one) => !one.includes(':'))
            .slice(0, 4)
            .map((address) => [`GET ${address}`, forwardHead(`http://${address}/`, address)]),
        ),
        'GET with another Host': forwardHead(`http://${deniedName(subject)}/`, modelName(subject)),
        'GET allowed Host': forwardHead(`http://${modelName(subject)}/`, deniedName(subject)),
        'GET https': forwardHead(`https://${deniedName(subject)}/`, deniedName(subject)),
      }),
    fix: fixGate,
  },
  {
    ...REFUSAL,
    id: 'egress.broken-heads',
    title: 'broken and oversized requests are refused',
    severity: 'high',
    tries: 'CONNECT with a line too many, two lengths, folded and oversized headers',
    sabotage: OPEN,
    attempts: (subject) => {
      const to = `${deniedName(subject)}:443`;
      return rawHeads(subject, {
        'two lengths': `POST http://${deniedName(subject)}/ HTTP/1.1\r\nHost: ${deniedName(subject)}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
        'folded header': `CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\nX: a\r\n b\r\n\r\n`,
        'oversized header': `CONNECT ${modelName(subject)}:443 HTTP/1.1\r\nHost: ${modelName(subject)}:443\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`,
        'no version': `CONNECT ${to}\r\n\r\n`,
        'http/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      });
    },
    fix: fixGate,
  },
  {
    ...REFUSAL,
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
    fix: fixGate,
  },
  {
    ...REFUSAL,
    id: 'egress.explains',
    title: 'a refusal says why and what to do',
    severity: 'low',
    tries: 'CONNECT to a denied name: the answer must be 403 with a JSON body that names host, reason and next step',
    sabotage: OPEN,
    attempts: (subject) => connectsUnlessAllowed(subject, [[deniedName(subject), 443]]),
    judge: (results) =>
      judgeEach(results, ({ outcome, status, body }) =>
        outcome === 'broken' ? 'unclear' : status === 403 && explains(body ?? '') ? 'good' : 'bad',
      ),
    fix: fixGate,
  },
];

function explains(body: string): boolean {
  try {
    const said: unknown = JSON.parse(body);
    return isRecord(said) && said['blocked'] === true && typeof said['reason'] === 'string' && typeof said['next'] === 'string';
  } catch {
    return false;
  }
}
