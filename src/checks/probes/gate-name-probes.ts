import { domainToASCII } from 'node:url';
import { allowedName, connectsUnlessAllowed, rawHeads } from './policy-oracle.ts';
import type { Probe } from './probe.ts';
import { connectHead } from './request-heads.ts';
import { deniedName, fixGate, modelName, OPEN, REFUSAL } from './gate-refusal.ts';

/** Names, ports and answers that the gate must refuse. */
export const GATE_NAME_PROBES: readonly Probe[] = [
  {
    ...REFUSAL,
    id: 'egress.denied-name',
    title: 'a name that no rule allows is refused',
    tries: 'CONNECT to random names on 443',
    sabotage: OPEN,
    attempts: (subject) =>
      connectsUnlessAllowed(subject, [
        [deniedName(subject), 443],
        [`a.b.c.${deniedName(subject)}`, 443],
      ]),
    fix: fixGate,
  },
  {
    ...REFUSAL,
    id: 'egress.look-alikes',
    title: 'names that look like an allowed one are refused',
    tries: 'CONNECT to an allowed name with something before or after it, and to one in other letters that look the same',
    sabotage: 'the gate compares the ends of names only',
    attempts: (subject) => {
      const name = modelName(subject);
      return connectsUnlessAllowed(subject, [
        [`${name}.${deniedName(subject)}`, 443],
        [`${name}-${deniedName(subject)}`, 443],
        [`${subject.canary}${name}`, 443],
        [domainToASCII(`\u{430}${name.slice(1)}`) || `xn--${subject.canary}`, 443],
      ]);
    },
    fix: fixGate,
  },
  {
    ...REFUSAL,
    id: 'egress.other-sub-domain',
    title: 'sub-domains and parents of an allowed name are refused',
    tries: 'CONNECT to a random name below an allowed one, beside it, and to its parent',
    sabotage: 'the gate compares the ends of names only',
    attempts: (subject) => {
      const name = modelName(subject);
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
    fix: fixGate,
  },
  {
    ...REFUSAL,
    id: 'egress.name-tricks',
    title: 'ways of writing a name do not change the answer',
    tries: 'CONNECT with upper case, a final dot, a user before @, percent escapes, a space, a zero byte, two hosts',
    sabotage: OPEN,
    attempts: (subject) => {
      const name = modelName(subject);
      const evil = deniedName(subject);
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
    fix: fixGate,
  },
  {
    ...REFUSAL,
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
    fix: fixGate,
  },
  {
    ...REFUSAL,
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
    fix: fixGate,
  },
  {
    ...REFUSAL,
    id: 'egress.private-answers',
    title: 'an allowed name that resolves to a private address is refused',
    tries: 'CONNECT to allowed names whose answers are private, loopback, metadata or changing addresses; only where such names are known',
    sabotage: 'the gate does not check what a name resolves to',
    attempts: (subject) =>
      rawHeads(
        subject,
        Object.fromEntries(subject.targets.privateNames.map((name) => [`CONNECT ${name}:443`, connectHead(`${name}:443`)])),
      ),
    fix: fixGate,
  },
];
