import { plainText } from '../../core/plain-text.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import type { Probe } from './probe.ts';
import type { Needle, ProcessFacts } from './attempt.ts';
import type { Results } from './probe.ts';
import type { Subject } from './subject.ts';

const common = { severity: 'critical', from: 'inside', roles: ['gate', 'gateway', 'node', 'ingress', 'link'], control: 'none' } as const;
const attempts = (): Readonly<Record<string, { readonly kind: 'processes' }>> => ({ processes: { kind: 'processes' } });
const fix = (): string =>
  'hand the secret over as a file: lobsterpot secrets set NAME, then: lobsterpot up, and make a new one where it came from';

/** Secrets are compared on the operator's side: none is ever sent inside. */
export const SECRET_PROBES: readonly Probe[] = [
  {
    ...common,
    id: 'secrets.environment',
    title: 'no secret in the environment of a process',
    tries: 'reading the environment of every process seen and looking for each known secret in it',
    sabotage: 'a secret is put into the environment',
    attempts,
    judge: (results, subject) => search(results, subject, ({ environ }) => environ, 'environment'),
    fix,
  },
  {
    ...common,
    id: 'secrets.arguments',
    title: 'no secret in the arguments of a process',
    tries: 'reading the arguments of every process seen and looking for each known secret in them',
    sabotage: 'a secret is put into the arguments',
    attempts,
    judge: (results, subject) => search(results, subject, ({ argv }) => argv?.join('\n'), 'arguments'),
    fix,
  },
  {
    ...common,
    id: 'secrets.not-given',
    title: 'a service has exactly the secrets it was given',
    severity: 'high',
    tries: 'listing /secrets and comparing it with the plan',
    sabotage: 'a secret of another service is placed',
    attempts: () => ({ '/secrets': { kind: 'list', path: '/secrets' } }),
    judge: (results, { service }) => {
      const names = results.get('/secrets')?.names;
      if (!names) return { status: 'unknown', message: '/secrets could not be listed' };
      const expected = new Set(service.secrets.map(({ file }) => file));
      const extra = names.filter((name) => !expected.has(name));
      return extra.length > 0
        ? { status: 'fail', message: `not planned: ${extra.join(', ')}` }
        : { status: 'pass', message: names.length === 0 ? 'it has none' : names.join(', ') };
    },
    fix: ({ service }) => `remove what was placed by hand for ${service.name}: lobsterpot up`,
  },
  {
    ...common,
    id: 'secrets.held-elsewhere',
    title: 'a secret that the gate or another service holds is nowhere in a gateway',
    // Only a gateway has a secret of its own that must be found, so that not finding the others means something.
    roles: ['gateway'],
    tries:
      'reading every file that the gateway can read in its secrets, configuration, state and scratch folder, and looking for the secrets of all others by their fingerprints; its own token must be found',
    sabotage: 'the key of the gate is copied into the state of the gateway',
    attempts: (subject) => {
      const needles = needlesOf(subject);
      return needles.others.length === 0 || needles.own.length === 0
        ? {}
        : { search: { kind: 'search', folders: ['/secrets', '/config', '/tmp', '/state'], needles: [...needles.own, ...needles.others] } };
    },
    judge: (results, subject) => {
      const { names, detail = '' } = results.get('search') ?? {};
      const { own, others } = needlesOf(subject);
      const isOwn = (found: string): boolean => own.some(({ name }) => found.startsWith(`${name} in `));
      if (!names?.some(isOwn)) return { status: 'unknown', message: 'its own secret was not found either' };
      const found = names.filter((one) => !isOwn(one));
      if (found.length > 0) return { status: 'fail', message: plainText(found.join(', '), 300) };
      return { status: 'pass', message: plainText(`${others.length} secrets looked for (${detail})`, 200) };
    },
    fix: ({ service }) => `remove the file from ${service.name}, make a new secret where it came from, then: lobsterpot secrets set NAME`,
  },
];

/** The fingerprints of what the service has, and of what others have. */
function needlesOf({ service, secrets, canary }: Subject): { readonly own: readonly Needle[]; readonly others: readonly Needle[] } {
  const given = new Set(service.secrets.map(({ name }) => name));
  const all = [...secrets].flatMap(([name, secret]): readonly Needle[] => {
    const needle = secret.needle(canary);
    return needle ? [{ name, ...needle }] : [];
  });
  const own = all.filter(({ name }) => given.has(name));
  // Two names may stand for one value: who was given it under one of them has it.
  const known = new Set(own.map(({ digest }) => digest));
  return { own, others: all.filter(({ name, digest }) => !given.has(name) && !known.has(digest)) };
}

function search(results: Results, subject: Subject, textOf: (process: ProcessFacts) => string | undefined, where: string): Judgement {
  const { self, processes } = results.get('processes') ?? {};
  const readable = (processes ?? [])
    .filter(({ pid }) => pid !== self?.pid)
    .flatMap((process) => {
      const text = textOf(process);
      return text === undefined ? [] : [{ process, text }];
    });
  if (readable.length === 0) return { status: 'unknown', message: `the ${where} of no process could be read` };
  const found = readable.flatMap(({ process, text }) =>
    [...subject.secrets]
      .filter(([, secret]) => secret.isIn(text))
      .map(([name]) => `secret ${name} in the ${where} of ${process.name} (${process.pid})`),
  );
  if (subject.secrets.size === 0) return { status: 'unknown', message: 'no secret is known to look for' };
  if (found.length > 0) return { status: 'fail', message: found.join(', ') };
  return { status: 'pass', message: `${subject.secrets.size} secrets looked for in ${readable.length} processes` };
}
