import { judgeForgotten, judgeReaders, judgeRefusal, type Asked, type Reader } from '../../src/converge/rotate/judge.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Standing } from '../../src/openclaw/try-token.ts';

// How a real gateway and a real sshd take an old credential is in rotation/one-host.ts and rotation-link.e2e.test.ts.
const asked = (checkId: string): Asked => ({ checkId, subject: 'gateway-main', what: 'credential', again: 'lobsterpot rotate' });
const refusal = (checkId: string, old: Standing): Finding => judgeRefusal(asked(checkId), old, { state: 'taken' });
const forgotten = (asking: readonly string[]): Finding =>
  judgeForgotten(asked('rotate.identity-forgotten'), 'old', { devices: ['new'], 'requests of devices': asking });

const OLD = { old: 'of the old value', new: 'of the new value' };
const readers = (startedMs: number): Finding => {
  const file: Reader['file'] = { kind: 'file', sha256: OLD.new, mode: 0o400, owner: { uid: 1, gid: 1 }, mtimeMs: 2000 };
  return judgeReaders(asked('rotate.secret'), OLD, [{ service: 'gateway-main', file, state: { state: 'healthy', sinceMs: startedMs } }]);
};

const REFUSED: Standing = { state: 'refused', reason: 'another one' };

/** What a rotation finds when all is well, one for each of its checks. */
export const WELL_ROTATED: readonly Finding[] = [
  refusal('rotate.gateway-token', REFUSED),
  refusal('rotate.link-key', REFUSED),
  refusal('rotate.identity', REFUSED),
  forgotten([]),
  readers(3000),
];

/** A credential that is still good after it was replaced, and the one check that has to say so. */
export const ROTATION_SABOTAGES: readonly { readonly name: string; readonly finds: string; judged(): Finding }[] = [
  {
    name: 'the old token is still taken',
    finds: 'rotate.gateway-token',
    judged: () => refusal('rotate.gateway-token', { state: 'taken' }),
  },
  {
    name: 'the old key of a tunnel is still let in',
    finds: 'rotate.link-key',
    judged: () => refusal('rotate.link-key', { state: 'taken' }),
  },
  {
    name: 'the old device of a node is still paired',
    finds: 'rotate.identity',
    judged: () => refusal('rotate.identity', { state: 'taken' }),
  },
  { name: 'the old device of a node waits to be let in', finds: 'rotate.identity-forgotten', judged: () => forgotten(['old']) },
  { name: 'a reader of a secret runs with the old value', finds: 'rotate.secret', judged: () => readers(1000) },
];
