import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { swap } from './sabotage.ts';
import type { Sabotage } from './sabotage.ts';

const BUNDLE = 'services/gate/config/gate.mjs';
const POLICY = 'services/gate/config/policy.json';

/** Each weakens one decision of the gate. */
export const GATE_SABOTAGES: readonly Sabotage[] = [
  {
    name: 'the gate lets everything pass',
    finds: [
      'egress.denied-name',
      'egress.look-alikes',
      'egress.other-sub-domain',
      'egress.name-tricks',
      'egress.by-address',
      'egress.gate-loopback',
      'egress.gate-metadata',
      'egress.gate-lan',
      'egress.other-ports',
      'egress.plain-http',
      'egress.broken-heads',
      'egress.explains',
      'egress.not-tls',
    ],
    also: [
      'egress.sni-mismatch',
      'egress.sni-missing',
      'egress.private-answers',
      'egress.gate-control',
      'egress.recorded',
      'egress.tunnels-recorded',
    ],
    restart: ['gate'],
    weaken: ({ edit }) => {
      edit(BUNDLE, () => readFileSync(join(import.meta.dirname, 'open-proxy.mjs'), 'utf8'));
    },
  },
  {
    name: 'the gate compares the ends of names only',
    finds: ['egress.look-alikes', 'egress.other-sub-domain'],
    restart: ['gate'],
    weaken: ({ edit }) => {
      edit(BUNDLE, (text) =>
        swap(text, 'if (rule.host === target.host) return true;', 'if (target.host.endsWith(rule.host)) return true;'),
      );
    },
  },
  {
    name: 'the gate does not read the hello',
    finds: ['egress.sni-mismatch', 'egress.sni-missing', 'egress.tunnels-recorded'],
    also: ['egress.not-tls'],
    restart: ['gate'],
    weaken: ({ edit }) => {
      edit(BUNDLE, (text) =>
        swap(
          text,
          /function checkHello\(target, \{ sni, encrypted \}\) \{/,
          'function checkHello() { return {}; }\nfunction checkNothing(target, { sni, encrypted }) {',
        ),
      );
    },
  },
  {
    name: 'the gate does not check what a name resolves to',
    finds: ['egress.private-answers'],
    restart: ['gate'],
    weaken: ({ edit }) => {
      edit(BUNDLE, (text) =>
        swap(
          text,
          /function decideAddress\(/,
          'function decideAddress() { return { allowed: true, reason: "rule" }; }\nfunction decideNothing(',
        ),
      );
    },
  },
  {
    name: 'the gate refuses everything',
    finds: ['egress.allowed-name'],
    also: ['egress.tunnels-recorded'],
    restart: ['gate'],
    weaken: ({ edit }) => {
      edit(POLICY, (text) => JSON.stringify({ ...JSON.parse(text), allow: [] }));
    },
  },
  {
    name: 'the policy only reports',
    finds: ['egress.denied-name', 'egress.by-address', 'egress.look-alikes'],
    also: [
      'egress.other-sub-domain',
      'egress.name-tricks',
      'egress.gate-lan',
      'egress.gate-metadata',
      'egress.other-ports',
      'egress.plain-http',
      'egress.broken-heads',
      'egress.explains',
      'egress.private-answers',
      'egress.sni-mismatch',
      'egress.sni-missing',
      'egress.not-tls',
      'egress.tunnels-recorded',
    ],
    restart: ['gate'],
    weaken: ({ edit }) => {
      edit(POLICY, (text) => swap(text, '"enforce"', '"report"'));
    },
  },
  {
    name: 'the trail is not written',
    finds: ['egress.recorded', 'egress.dns-recorded'],
    also: ['egress.tunnels-recorded'],
    restart: ['gate'],
    weaken: ({ edit }) => {
      edit('services/gate/config/gate.json', (text) => swap(text, '/state/trail', '/tmp/trail'));
    },
  },
];
