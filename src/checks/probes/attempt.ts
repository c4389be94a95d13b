import { z } from 'zod';

/** One thing that is tried inside a service. Data: the script inside interprets it, the judgement outside reads the result. */
export type Attempt =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** A listener of its own on its own loopback, reached by the same code: the control of every direct connection. */
  | { readonly kind: 'own-loopback' }
  | { readonly kind: 'udp'; readonly host: string; readonly port: number }
  /** As `udp`, and what counts is an answer: a datagram for an address that nobody has is sent all the same. */
  | { readonly kind: 'udp-answer'; readonly host: string; readonly port: number }
  /** By the system's resolver. */
  | { readonly kind: 'lookup'; readonly name: string }
  /** By a resolver of the attempt's own choice, or the service's own one. */
  | { readonly kind: 'resolve'; readonly name: string; readonly server?: string }
  /** A path, or an abstract name after `@`. */
  | { readonly kind: 'unix'; readonly path: string }
  /** Sends `head` to the gate; on 200 goes on as told. */
  | { readonly kind: 'gate'; readonly port: number; readonly head: string; readonly then?: Then }
  | { readonly kind: 'read'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string }
  /** Writes a program into the folder and starts it. */
  | { readonly kind: 'execute'; readonly folder: string }
  | { readonly kind: 'run'; readonly argv: readonly string[] }
  | { readonly kind: 'list'; readonly path: string }
  | { readonly kind: 'processes' }
  /** Every file below the folders, as far as time goes, for secrets that are known by their fingerprints. */
  | { readonly kind: 'search'; readonly folders: readonly string[]; readonly needles: readonly Needle[] }
  /** Who on its own networks has answered for an address (ARP), after everything else was tried. */
  | { readonly kind: 'neighbours' };

/** A secret without the secret: how long it is, a sum to find places that may be it, and a digest with the run's canary before it. */
export type Needle = { readonly name: string; readonly length: number; readonly sum: number; readonly digest: string };

/** What is sent through an open tunnel. `sni` absent: a hello without a name. */
export type Then =
  | { readonly kind: 'hello'; readonly sni?: string; readonly verify: boolean; readonly ca?: string }
  | { readonly kind: 'bytes'; readonly text: string };

/**
 * `succeeded`: what was tried worked. `refused`: something said no (`code`). `no-answer`: neither within the time limit.
 * `broken`: it could not be tried at all.
 */
export type AttemptResult = {
  readonly outcome: 'succeeded' | 'refused' | 'no-answer' | 'broken';
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
  readonly status?: number | undefined;
  readonly body?: string | undefined;
  readonly names?: readonly string[] | undefined;
  readonly self?: SelfFacts | undefined;
  readonly processes?: readonly ProcessFacts[] | undefined;
};

const selfFacts = z.object({
  pid: z.number(),
  /** What /proc/self points to: another number than `pid` when /proc is not of this process's namespace. */
  procSelf: z.string(),
  namespaces: z.record(z.string(), z.string()),
  mounts: z.array(z.string()),
});
const processFacts = z.object({
  pid: z.number(),
  name: z.string(),
  argv: z.array(z.string()).optional(),
  environ: z.string().optional(),
  status: z.record(z.string(), z.string()),
  limits: z.record(z.string(), z.string()),
});

/** The prober's own standing inside. */
export type SelfFacts = z.infer<typeof selfFacts>;
/** One process seen inside. `argv` and `environ` may hold what must not be shown: compare them, never print them. */
export type ProcessFacts = z.infer<typeof processFacts>;

/** The form of every result, as the script inside reports it. */
export const attemptResult = z.object({
  outcome: z.enum(['succeeded', 'refused', 'no-answer', 'broken']),
  code: z.string().optional(),
  detail: z.string().optional(),
  status: z.number().optional(),
  body: z.string().optional(),
  names: z.array(z.string()).optional(),
  self: selfFacts.optional(),
  processes: z.array(processFacts).optional(),
});
