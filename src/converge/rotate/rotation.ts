import type { Finding } from '../../core/finding.ts';
import type { Redacted } from '../../core/redacted.ts';
import { generateLinkKey } from '../../link/link-key.ts';
import type { Engine } from '../engine.ts';
import { generateToken } from '../secret-store.ts';
import { identityRotation } from './identity.ts';
import { probeLinkKey, probeSecret, probeToken } from './probes.ts';
import { storedRotation } from './stored.ts';
import type { Subject } from './subject.ts';

/** How one credential is replaced. `apply` comes between `prepare` and `probe`; every step is safe to repeat. */
export type Rotation = {
  /** Refuses what cannot be begun, before anything is written. */
  check(): Promise<void>;
  /** Keeps the old one and makes the new one; nothing that runs has it yet. */
  prepare(): Promise<void>;
  /** How far it went: a run that was cut off may have changed nothing, or stand between the old one and the new one. */
  reached(): Promise<'nothing' | 'between' | 'made'>;
  /** The old one is in force again. */
  revert(): Promise<void>;
  /** Tries the old one, with the new one as the control. */
  probe(): Promise<readonly Finding[]>;
  /** The old one is gone everywhere. */
  discard(): Promise<void>;
};

/** `value`: the new one of a secret that its owner has from elsewhere; the others are made here. */
export function rotationOf(engine: Engine, subject: Subject, value?: Redacted): Rotation {
  switch (subject.kind) {
    case 'gateway-token':
      return storedRotation(engine, subject, { make: generateToken, probe: (old) => probeToken(engine, subject, old) });
    case 'link-key':
      return storedRotation(engine, subject, {
        make: () => generateLinkKey().privateKey,
        probe: (old) => probeLinkKey(engine, subject, old),
      });
    case 'secret':
      return storedRotation(engine, subject, { ...(value ? { value } : {}), probe: (old) => probeSecret(engine, subject, old) });
    case 'identity':
      return identityRotation(engine, subject);
  }
}
