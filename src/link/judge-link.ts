import { plainText } from '../core/plain-text.ts';
import type { FindingStatus } from '../core/finding.ts';
import type { RunResult } from '../hosts/host.ts';
import type { LinkProbeId } from './link-attempts.ts';

/** What an attempt shows: the far end said no, it did what was asked, or neither can be told. */
export type LinkVerdict = 'refused' | 'granted' | 'unclear';

/** An attempt by its name, and how it ended. */
export type LinkTry = { readonly name: string; readonly result: RunResult };

/** What all probes of one run share: what only its own command says, whether the gateway answered, and the account with the key. */
export type LinkRun = { readonly canary: string; readonly controlWorked: boolean; readonly user: string };

export type LinkJudgement = {
  readonly id: LinkProbeId;
  readonly status: FindingStatus;
  readonly message: string;
  /** How each attempt ended; what the far end says is untrusted and was made plain. */
  readonly evidence: string;
  /** What had to work in the same run for a refusal to mean anything. */
  readonly control: string;
  /** The exact next step, unless it passed. */
  readonly fix?: string;
};

/** The exit code of ssh for its own failures. */
const SSH_FAILED = 255;

/** One probe's tries as one judgement, with the next step. Pure. */
export function judgeLink(id: LinkProbeId, tries: readonly LinkTry[], context: LinkRun): LinkJudgement {
  const judgement = judge(id, tries, context);
  switch (judgement.status) {
    case 'pass':
      return judgement;
    case 'unknown':
      return { ...judgement, fix: 'see that both hosts are up and the gateway runs: lobsterpot status' };
    case 'fail':
    case 'not-enforced':
      return { ...judgement, fix: fixOf(id, context.user) };
  }
}

/** Without a positive control a refusal means nothing; a breach always counts. */
function judge(id: LinkProbeId, tries: readonly LinkTry[], context: LinkRun): LinkJudgement {
  const verdicts = tries.map((one) => ({ ...one, verdict: verdictOf(id, one.result, context) }));
  const evidence = verdicts.map(({ name, verdict, result }) => `${name}: ${verdict} (${ending(result)})`).join('\n');
  const named = (verdict: LinkVerdict): string =>
    verdicts
      .filter((one) => one.verdict === verdict)
      .map(({ name }) => name)
      .join(', ');
  const told = { id, evidence, control: `the gateway answered through the link: ${context.controlWorked ? 'yes' : 'no'}` };
  const granted = named('granted');
  const unclear = named('unclear');
  if (id === 'forward') {
    if (granted !== '') return { ...told, status: 'pass', message: 'the gateway answers through the link' };
    const refused = named('refused') !== '';
    return {
      ...told,
      status: refused ? 'fail' : 'unknown',
      message: refused ? 'the link may not reach the gateway' : 'the gateway did not answer through the link',
    };
  }
  // An authorised line has no option for Unix sockets: only the configuration of sshd can refuse them.
  if (granted !== '') return { ...told, status: id === 'reverse-socket' ? 'not-enforced' : 'fail', message: `${MEANS[id]}: ${granted}` };
  if (!context.controlWorked)
    return { ...told, status: 'unknown', message: 'not proven: the gateway did not answer through the link either' };
  if (unclear !== '' || tries.length === 0) return { ...told, status: 'unknown', message: `could not be tried: ${unclear || 'nothing'}` };
  return { ...told, status: 'pass', message: `refused: ${named('refused')}` };
}

const MEANS = {
  exec: "the link's key runs commands on the gateway's host",
  elsewhere: 'the link reaches more than the gateway',
  reverse: "the link's key opens ports on the gateway's host",
  'reverse-socket': "the link's key opens Unix sockets on the gateway's host",
  'host-key': 'the link believes a host that it does not know',
} as const;

function fixOf(id: LinkProbeId, user: string): string {
  switch (id) {
    case 'reverse-socket':
      return `at the end of /etc/ssh/sshd_config of the gateway's host write "Match User ${user}" and, below it, "AllowStreamLocalForwarding no"; restart its ssh server, then run: lobsterpot verify`;
    case 'host-key':
      return "set the link's ssh options right: lobsterpot up";
    case 'forward':
    case 'exec':
    case 'elsewhere':
    case 'reverse':
      return `set the link's line in ~${user}/.ssh/authorized_keys of the gateway's host right: lobsterpot up`;
  }
}

/** What one ended call of ssh shows. Pure. */
export function verdictOf(id: LinkProbeId, result: RunResult, { canary, controlWorked }: LinkRun): LinkVerdict {
  const { code, stdout, stderr } = result;
  // A code that is not ssh's own came from the far end, if ssh ran at all: a container that is gone ends with 1, a missing ssh with 127.
  // Of the far end it may be 127 too: macOS has no /bin/false, which refuses as well.
  const farEnded = controlWorked && !result.timedOut && code !== undefined && code !== SSH_FAILED;
  switch (id) {
    case 'forward':
    case 'elsewhere':
      if (stdout !== '' && (id === 'elsewhere' || /^HTTP\/1\.[01] 200 /.test(stdout))) return 'granted';
      if (/open failed: administratively prohibited/.test(stderr)) return 'refused';
      // sshd went there and found nothing: the permission was given.
      return id === 'elsewhere' && ((farEnded && code === 0) || /open failed: (?:connect failed|unknown)/.test(stderr))
        ? 'granted'
        : 'unclear';
    case 'exec':
      if (stdout.includes(canary)) return 'granted';
      return farEnded ? (code === 0 ? 'granted' : 'refused') : 'unclear';
    case 'reverse':
    case 'reverse-socket':
      if (/remote port forwarding failed/i.test(stderr)) return 'refused';
      return /^Allocated port/m.test(stderr) || farEnded ? 'granted' : 'unclear';
    case 'host-key':
      if (/^Host key verification failed/m.test(stderr)) return 'refused';
      // It went on with a wrong key, and gave up only what it had been asked to forward.
      if (/host key check failure|to avoid man-in-the-middle/.test(stderr)) return 'granted';
      return farEnded ? 'granted' : 'unclear';
  }
}

function ending({ code, signal, timedOut, stdout, stderr }: RunResult): string {
  const how = timedOut ? 'no end in time' : `exit ${code ?? signal ?? '?'}`;
  const lines = `${stdout.split('\n')[0] ?? ''}\n${stderr}`.split('\n').map((line) => line.trim());
  // The banner of a changed host key is a box of @ signs; the last words tell why.
  const said = lines
    .filter((line) => line !== '' && !line.startsWith('@'))
    .slice(-2)
    .join('; ');
  return plainText(said === '' ? how : `${how}: ${said}`, 300).replaceAll('\n', ' ');
}
