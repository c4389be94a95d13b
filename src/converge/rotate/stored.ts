import type { Finding } from '../../core/finding.ts';
import { EXIT } from '../../core/exit-code.ts';
import { Problem } from '../../core/problem.ts';
import type { Redacted } from '../../core/redacted.ts';
import type { Engine } from '../engine.ts';
import { forgetPending, keepOld, readOld } from './pending.ts';
import type { Rotation } from './rotation.ts';
import { commandOf, describeSubject, secretOf, type Subject } from './subject.ts';

/** A credential that lies in the operator's store: `apply` sees that it is another one and does the rest. */
export function storedRotation(
  engine: Pick<Engine, 'local' | 'root' | 'store'>,
  subject: Subject,
  how: {
    /** Makes a new value, or `value` is the new one. */
    readonly make?: () => Redacted;
    readonly value?: Redacted;
    readonly probe: (old: Redacted) => Promise<readonly Finding[]>;
  },
): Rotation {
  const secret = secretOf(subject) ?? '';
  const { store } = engine;

  async function next(old: Redacted, current: Redacted): Promise<Redacted | undefined> {
    if (how.value) return how.value;
    // Made by a run that was cut off.
    return current.reveal() === old.reveal() ? how.make?.() : undefined;
  }

  return {
    check: async () => {
      const current = await store.read(secret);
      if (!current) throw notSet(subject, secret);
      const old = (await readOld(engine, subject)) ?? current;
      if (how.value && how.value.reveal() === old.reveal()) throw same(subject);
    },
    prepare: async () => {
      const current = await store.read(secret);
      if (!current) throw notSet(subject, secret);
      const kept = await readOld(engine, subject);
      if (!kept) await keepOld(engine, subject, current);
      const value = await next(kept ?? current, current);
      if (value) await store.write(secret, value);
    },
    reached: async () => {
      const [old, current] = [await readOld(engine, subject), await store.read(secret)];
      return old !== undefined && current !== undefined && old.reveal() !== current.reveal() ? 'made' : 'nothing';
    },
    revert: async () => {
      const old = await readOld(engine, subject);
      if (old) await store.write(secret, old);
      await forgetPending(engine, subject);
    },
    probe: async () => {
      const old = await readOld(engine, subject);
      if (!old) throw new TypeError(`the old ${describeSubject(subject)} is not there`);
      return how.probe(old);
    },
    discard: () => forgetPending(engine, subject),
  };
}

function notSet(subject: Subject, secret: string): Problem {
  return new Problem('rotate/not-set', `there is no ${describeSubject(subject)} to replace yet`, {
    cause: `${secret} has no value`,
    fix: subject.kind === 'secret' ? `lobsterpot secrets set ${secret} ; then: lobsterpot up` : 'lobsterpot up',
  });
}

function same(subject: Subject): Problem {
  return new Problem('rotate/same', `the ${describeSubject(subject)} has that value already`, {
    cause: 'what was given is the old value',
    fix: `make a new one where it comes from, then: ${commandOf(subject)}`,
    exit: EXIT.usage,
  });
}
