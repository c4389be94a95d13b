import type { Finding } from '../../core/finding.ts';
import type { FileState } from '../../hosts/host.ts';
import type { Standing } from '../../openclaw/try-token.ts';
import type { ServiceState } from '../../runtimes/runtime.ts';

/** What a probe of a rotation is about. */
export type Asked = {
  readonly checkId: string;
  /** The service or the secret. */
  readonly subject: string;
  /** `token of gateway main`. */
  readonly what: string;
  /** What finishes the rotation once the cause is gone. */
  readonly again: string;
};

/** Any of the trials of a credential. */
export type Shown = { readonly state: Standing['state']; readonly reason?: string };

/**
 * The old credential was tried, and the new one in the same way in the same run: without the new one taken, a refusal of the old
 * one means nothing; an old one that is taken always counts. Pure.
 */
export function judgeRefusal(asked: Asked, old: Shown, control: Shown): Finding {
  const { checkId, subject, what, again } = asked;
  const told = { checkId, subject, severity: 'critical', evidence: `old: ${shown(old)}; new: ${shown(control)}` } as const;
  if (old.state === 'taken') return { ...told, status: 'fail', message: `the old ${what} is still taken`, fix: again };
  if (control.state !== 'taken')
    return { ...told, status: 'unknown', message: `not proven: the new ${what} is not taken either`, fix: again };
  if (old.state === 'unclear') return { ...told, status: 'unknown', message: `could not be tried with the old ${what}`, fix: again };
  return { ...told, status: 'pass', message: `the old ${what} is refused, the new one is taken` };
}

/** Whether a gateway still lists a device anywhere; `lists` are the ids of each of its lists. Pure. */
export function judgeForgotten(asked: Asked, oldDevice: string, lists: Readonly<Record<string, readonly string[]>>): Finding {
  const { checkId, subject, again } = asked;
  const left = Object.keys(lists).filter((name) => lists[name]?.includes(oldDevice) === true);
  const told = { checkId, subject, severity: 'high', evidence: `device ${oldDevice}` } as const;
  if (left.length > 0) {
    return { ...told, status: 'fail', message: `the gateway still has the old device among its ${left.join(', ')}`, fix: again };
  }
  return { ...told, status: 'pass', message: 'the gateway knows the old device no more' };
}

/** A service that reads a secret: what is in its file, and how it runs. */
export type Reader = {
  readonly service: string;
  readonly file: FileState;
  readonly state: Pick<ServiceState, 'state' | 'sinceMs'> | undefined;
};

/** Whether every reader has the new value alone and was started with it; digests are SHA-256. Pure. */
export function judgeReaders(asked: Asked, digests: { readonly old: string; readonly new: string }, readers: readonly Reader[]): Finding {
  const { checkId, subject, what, again } = asked;
  const names = readers.map((one) => one.service).join(', ');
  const told = { checkId, subject, severity: 'high', evidence: `read by: ${names || 'nobody'}` } as const;
  const faults = readers.flatMap((one) => faultOf(one, digests));
  const worst = faults.find((one) => one.status === 'fail') ?? faults[0];
  if (worst) return { ...told, ...worst, fix: again };
  if (readers.length === 0) return { ...told, status: 'unknown', message: `no service reads the ${what}`, fix: again };
  return { ...told, status: 'pass', message: `${names} has the new value alone, and was started with it` };
}

function faultOf({ service, file, state }: Reader, digests: { readonly old: string; readonly new: string }): readonly Fault[] {
  if (file.kind !== 'file') return [{ status: 'unknown', message: `the file of ${service} could not be read` }];
  if (file.sha256 === digests.old) return [{ status: 'fail', message: `the file of ${service} still holds the old value` }];
  if (file.sha256 !== digests.new) return [{ status: 'fail', message: `the file of ${service} holds another value than the new one` }];
  if (state?.state !== 'healthy' || state.sinceMs === undefined)
    return [{ status: 'unknown', message: `${service} is ${state?.state ?? 'absent'}` }];
  if (state.sinceMs < file.mtimeMs)
    return [{ status: 'fail', message: `${service} was not started since its file was written, and may still use the old value` }];
  return [];
}

type Fault = { readonly status: 'fail' | 'unknown'; readonly message: string };

function shown({ state, reason }: Shown): string {
  return reason === undefined ? state : `${state} (${reason})`;
}
