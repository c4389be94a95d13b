import { isSquid } from '../../services/squid-service.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import type { Attempt, AttemptResult, Then } from './attempt.ts';
import { allowedName } from './policy-oracle.ts';
import type { Probe, Results } from './probe.ts';
import { tell } from './probe.ts';
import { connectHead } from './request-heads.ts';
import { gatePort } from './subject.ts';
import type { Subject } from './subject.ts';

const common = { from: 'inside', roles: ['gateway', 'node'], control: 'gate' } as const;
const fix = ({ allServices }: Subject): string =>
  allServices.some(isSquid)
    ? 'Squid reads no ClientHello unless it is built with OpenSSL: make the image with squid-openssl (docs/squid.md), then: lobsterpot up'
    : 'the gate does not check what goes through a tunnel; start it anew: lobsterpot up';

/** Through the tunnel of an allowed name: what must go on, and what must be cut off. No request is ever sent. */
export const TUNNEL_PROBES: readonly Probe[] = [
  {
    ...common,
    id: 'egress.allowed-name',
    title: 'an allowed name is reached, with its own certificate',
    severity: 'medium',
    tries: 'CONNECT to the first allowed name and a TLS handshake with its certificate verified; the control of the checks on tunnels',
    sabotage: 'the gate refuses everything',
    attempts: (subject) => tunnels(subject, {}),
    judge: (results) => judgeAllowed(results.get('control')),
    fix: (subject) => `see which rule decides: lobsterpot egress explain ${allowedName(subject) ?? 'HOST'}`,
  },
  {
    ...common,
    id: 'egress.sni-mismatch',
    title: 'a tunnel carries only the name it was opened for',
    severity: 'critical',
    tries: 'CONNECT to an allowed name, then a TLS hello for another one (domain fronting)',
    sabotage: 'the gate does not read the hello',
    attempts: (subject) =>
      tunnels(subject, {
        'another name': { kind: 'hello', sni: `${subject.canary}.lobsterpot.invalid`, verify: false },
        'a look-alike': { kind: 'hello', sni: `${subject.canary}.${allowedName(subject) ?? ''}`, verify: false },
      }),
    judge: cutOff,
    fix,
  },
  {
    ...common,
    id: 'egress.sni-missing',
    title: 'a tunnel without a name is cut off',
    severity: 'high',
    tries: 'CONNECT to an allowed name, then a TLS hello without a server name',
    sabotage: 'the gate does not read the hello',
    attempts: (subject) => tunnels(subject, { 'no name': { kind: 'hello', verify: false } }),
    judge: cutOff,
    fix,
  },
  {
    ...common,
    id: 'egress.not-tls',
    title: 'a tunnel carries TLS and nothing else',
    severity: 'high',
    tries: 'CONNECT to an allowed name, then plain bytes: a web request, an SSH banner, a broken hello',
    sabotage: 'the gate lets everything pass',
    attempts: (subject) =>
      tunnels(subject, {
        'a web request': { kind: 'bytes', text: 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' },
        'an ssh banner': { kind: 'bytes', text: 'SSH-2.0-probe\r\n' },
        'a broken hello': { kind: 'bytes', text: '\u0016\u0003\u0001\u0000\u0005hello' },
      }),
    judge: cutOff,
    fix,
  },
];

/** The control and the given continuations, each in a tunnel of its own; none when the policy allows no name. */
function tunnels(subject: Subject, then: Readonly<Record<string, Then>>): Readonly<Record<string, Attempt>> {
  const name = allowedName(subject);
  const port = gatePort(subject);
  if (name === undefined || port === undefined) return {};
  const head = connectHead(`${name}:443`);
  const proper: Then = { kind: 'hello', sni: name, verify: true, ...(subject.ca === undefined ? {} : { ca: subject.ca }) };
  return Object.fromEntries(
    // oxlint-disable-next-line unicorn/no-thenable -- what comes next in an attempt is called so; it is never awaited
    Object.entries({ control: proper, ...then }).map(([key, next]) => [key, { kind: 'gate', port, head, then: next } as const]),
  );
}

function judgeAllowed(result: AttemptResult | undefined): Judgement {
  if (!result || result.outcome === 'broken') return { status: 'unknown', message: 'could not be tried' };
  if (result.outcome === 'succeeded') return { status: 'pass', message: 'reached, certificate verified' };
  if (/CERT|SELF_SIGNED|ALTNAME|UNABLE_TO/.test(result.code ?? '')) {
    return { status: 'fail', message: `what answers for the allowed name has a certificate that is not its own (${result.code})` };
  }
  const reason = /"reason":"([a-z-]+)"/.exec(result.body ?? '')?.[1];
  if (result.status === 403 && reason !== 'unresolvable' && reason !== 'upstream-failed') {
    return { status: 'fail', message: `the gate refuses a name that the policy allows (${reason ?? '403'})` };
  }
  return { status: 'unknown', message: `no way to the internet from here (${reason ?? result.status ?? tell('', result)})` };
}

/** Each tunnel but the control is closed without a byte from the far end. Means nothing when the control did not go through. */
function cutOff(results: Results): Judgement {
  const control = results.get('control');
  if (control?.outcome !== 'succeeded')
    return {
      status: 'unknown',
      message: `not tried: the allowed name itself was not reached (${tell('control', control ?? { outcome: 'broken' })})`,
    };
  const lines = [...results]
    .filter(([name]) => name !== 'control')
    .map(([name, result]) => ({ line: endOf(result) === 'cut' ? `${name}: cut off` : tell(name, result), verdict: endOf(result) }));
  const bad = lines.filter(({ verdict }) => verdict === 'answered');
  if (bad.length > 0) return { status: 'fail', message: `the far end answered: ${bad.map(({ line }) => line).join(', ')}` };
  const unclear = lines.filter(({ verdict }) => verdict === 'unclear');
  if (unclear.length > 0) return { status: 'unknown', message: unclear.map(({ line }) => line).join(', ') };
  return { status: 'pass', message: lines.map(({ line }) => line).join(', ') };
}

/** The gate's own last word in a tunnel: a fatal alert, unrecognized_name (RFC 6066), and not a byte more. */
// oxlint-disable-next-line no-control-regex -- the bytes of a TLS record
const GATE_ALERT = /^\u0015\u0003[\s\S]\u0000\u0002\u0002\u0070$/;
const GATE_ALERT_CODE = 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME';

/**
 * A server at the far end could send the same alert for a name it does not know, so `egress.tunnels-recorded` asks the gate's trail
 * whether it was the gate. Any other alert means that the hello had reached somebody who speaks TLS.
 */
function endOf(result: AttemptResult): 'cut' | 'answered' | 'unclear' {
  if (result.outcome === 'succeeded') return GATE_ALERT.test(result.body ?? '') ? 'cut' : 'answered';
  if (result.code === GATE_ALERT_CODE) return 'cut';
  if (result.code?.startsWith('ERR_SSL') === true || /CERT|ALTNAME/.test(result.code ?? '')) return 'answered';
  return result.outcome === 'refused' ? 'cut' : 'unclear';
}
