import { sha256 } from '../../core/digest.ts';
import type { Artifact } from '../runtime.ts';
import { LAYOUT } from './layout.ts';
import { parseSpec, type Spec } from './spec.ts';

/** Specifications by the digest that the containers made from them carry. */
export type KnownSpecs = {
  learn(service: string, text: string): void;
  learnFrom(artifacts: readonly Artifact[]): void;
  of(digest: string | undefined): Spec | undefined;
};

/** What was rendered or read in the course of one command: what a container was made from is among it, or is not known. */
export function knownSpecs(): KnownSpecs {
  const specs = new Map<string, Spec>();
  const learn = (service: string, text: string): void => {
    try {
      specs.set(sha256(text), parseSpec(text, service));
    } catch {
      // A file that somebody damaged is told of as a file; nothing is compared with it.
    }
  };
  return {
    learn,
    learnFrom: (artifacts) => {
      for (const one of artifacts) if (one.kind === 'file' && one.path === LAYOUT.spec(one.service)) learn(one.service, one.content);
    },
    of: (digest) => (digest === undefined ? undefined : specs.get(digest)),
  };
}
