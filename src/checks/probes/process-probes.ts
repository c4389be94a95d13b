import { failIfAny } from '../catalogue/judgement.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import type { ProcessFacts, SelfFacts } from './attempt.ts';
import type { Probe, Results } from './probe.ts';
import { refusedWith } from './probe.ts';
import type { Subject } from './subject.ts';
import type { ProcessLimit } from './traits.ts';

const common = { from: 'inside', roles: ['gate', 'gateway', 'node', 'ingress', 'link'], control: 'none' } as const;
const attempts = (): Readonly<Record<string, { readonly kind: 'processes' }>> => ({ processes: { kind: 'processes' } });
const fix = (subject: Subject): string =>
  `the service ${subject.service.name} was started with more rights than it needs; start it anew: lobsterpot up`;
const NO_CAPABILITIES = /^0+$/;

/** With which rights a service's own processes run, and what they see of others. */
export const PROCESS_PROBES: readonly Probe[] = [
  {
    ...common,
    id: 'host.identity',
    title: 'a service runs as its own ordinary identity',
    severity: 'critical',
    tries: "reading user and group of each of the service's processes",
    sabotage: 'the service runs as root',
    attempts,
    judge: (results, subject) =>
      ofService(
        results,
        subject,
        ({ status }) => (status['Uid'] ?? '').split(/\s+/).every((one) => one !== '0' && Number(one) === subject.uid),
        ({ status }) => `uid ${status['Uid'] ?? '?'}`,
      ),
    fix,
  },
  {
    ...common,
    id: 'host.capabilities',
    title: 'a service holds no capability',
    severity: 'critical',
    tries: "reading the five capability sets of each of the service's processes",
    sabotage: 'service keeps its capabilities',
    attempts,
    judge: (results, subject) =>
      ofService(
        results,
        subject,
        ({ status }) => ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].every((set) => NO_CAPABILITIES.test(status[set] ?? '?')),
        ({ status }) => `effective ${status['CapEff'] ?? '?'}, bounding ${status['CapBnd'] ?? '?'}`,
      ),
    fix,
  },
  {
    ...common,
    id: 'host.no-new-privileges',
    title: 'no program gives a service new rights',
    severity: 'high',
    tries: "reading no_new_privs of each of the service's processes",
    sabotage: 'service may gain privileges',
    attempts,
    judge: (results, subject) =>
      ofService(
        results,
        subject,
        ({ status }) => status['NoNewPrivs'] === '1',
        ({ status }) => `no_new_privs ${status['NoNewPrivs'] ?? '?'}`,
      ),
    fix,
  },
  {
    ...common,
    id: 'host.syscall-filter',
    title: 'system calls are filtered',
    severity: 'high',
    tries: "reading the seccomp mode of each of the service's processes",
    sabotage: 'service runs without the system call filter',
    // Where the engine filters nothing, that is told as not enforced.
    attempts: ({ traits }) => (traits.systemCallFilter ? attempts() : {}),
    judge: (results, subject) =>
      ofService(
        results,
        subject,
        ({ status }) => status['Seccomp'] === '2',
        ({ status }) => `seccomp ${status['Seccomp'] ?? '?'}`,
      ),
    fix: ({ service, traits }) =>
      traits.kind === 'docker'
        ? `make the container of ${service.name} anew with the engine's own filter: lobsterpot up`
        : `install perl, which loads the system call filter of ${service.name}, then run: lobsterpot up`,
  },
  {
    ...common,
    id: 'host.resource-limits',
    title: 'processes, files and file sizes are limited',
    severity: 'medium',
    tries: "reading the limits of each of the service's processes and comparing them with the plan",
    sabotage: 'a limit is removed',
    attempts,
    judge: (results, subject) => {
      const { limits } = subject.service;
      const most: Readonly<Record<ProcessLimit, number>> = {
        'Max processes': limits.processes,
        'Max open files': limits.openFiles,
        'Max file size': limits.fileMiB * 1024 ** 2,
        'Max core file size': 0,
      };
      const exceeded = (process: ProcessFacts): readonly string[] =>
        subject.traits.processLimits.filter((name) => !(Number(process.limits[name]) <= most[name]));
      return ofService(
        results,
        subject,
        (process) => exceeded(process).length === 0,
        (process) =>
          exceeded(process)
            .map((name) => `${name.toLowerCase()} ${process.limits[name] ?? 'not readable'}`)
            .join(', '),
      );
    },
    fix,
  },
  {
    ...common,
    id: 'host.processes',
    title: 'no process but its own is seen',
    severity: 'high',
    tries: 'reading /proc: it must be of a process namespace of its own, and every process in it of its own identity',
    sabotage: 'the service is not contained at all',
    attempts,
    judge: (results, subject) => {
      const { self, processes } = results.get('processes') ?? {};
      if (!self || !processes) return { status: 'unknown', message: '/proc could not be read' };
      if (self.procSelf !== String(self.pid)) return { status: 'fail', message: '/proc shows the processes of another namespace' };
      if (self.namespaces['pid'] === subject.hostNamespaces['pid'])
        return { status: 'fail', message: `shares the process namespace of the host and sees ${processes.length} processes` };
      const strange = processes.filter(
        (one) => !isEntering(one, subject) && (one.status['Uid'] ?? '').split(/\s/)[0] !== String(subject.uid),
      );
      if (strange.length > 0)
        return {
          status: 'fail',
          message: `sees processes of another identity: ${strange
            .map(({ pid, name }) => `${name} (${pid})`)
            .slice(0, 5)
            .join(', ')}`,
        };
      return { status: 'pass', message: `${processes.length} processes, all its own` };
    },
    fix,
  },
  {
    ...common,
    id: 'host.namespaces',
    title: 'a service shares nothing with its host',
    severity: 'critical',
    tries: "comparing its namespaces (files, processes, network, memory shares, host name, control groups) with the host's",
    sabotage: 'service shares the network of its host',
    attempts,
    judge: (results, subject) => {
      const self = results.get('processes')?.self;
      const { all, closed } = subject.traits.ownNamespaces;
      const kinds = [...all, ...(subject.service.network === 'none' ? closed : [])];
      const unread = kinds.filter((kind) => (self?.namespaces[kind] ?? '') === '' || (subject.hostNamespaces[kind] ?? '') === '');
      if (!self || unread.length > 0) return { status: 'unknown', message: `could not be read: ${unread.join(', ')}` };
      const shared = kinds.filter((kind) => self.namespaces[kind] === subject.hostNamespaces[kind]);
      return shared.length > 0
        ? { status: 'fail', message: `shared with the host: ${shared.join(', ')}` }
        : { status: 'pass', message: `its own: ${kinds.join(', ')}` };
    },
    fix,
  },
  {
    ...common,
    id: 'host.mounts',
    title: 'only its state and scratch folders are writable, and none of them executable',
    severity: 'high',
    tries: 'reading the table of mounts',
    sabotage: 'a folder of the service is mounted writable',
    attempts,
    judge: (results, subject) => judgeMounts(results.get('processes')?.self, subject),
    fix,
  },
  {
    ...common,
    id: 'host.no-new-namespaces',
    title: 'a service cannot make namespaces of its own',
    severity: 'high',
    control: 'programs',
    tries: 'starting a program in a new user, network and mount namespace; what is given there is a way to more of the kernel',
    sabotage: 'the service is not contained at all',
    attempts: () =>
      Object.fromEntries(
        ['--user', '--net', '--mount'].map((flag) => [
          `unshare ${flag}`,
          { kind: 'run', argv: ['/usr/bin/unshare', flag, '/bin/true'] } as const,
        ]),
      ),
    judge: refusedWith(['exit 1']),
    fix,
  },
];

/**
 * Judges the service's processes: neither the reaper (process 1, outside of the service's own rights) nor the prober, nor what is
 * just about to be put in from outside.
 */
function ofService(
  results: Results,
  subject: Subject,
  isGood: (process: ProcessFacts) => boolean,
  describe: (process: ProcessFacts) => string,
): Judgement {
  const { self, processes } = results.get('processes') ?? {};
  const own = (processes ?? []).filter(
    (one) =>
      one.pid !== 1 &&
      one.pid !== self?.pid &&
      one.status['PPid'] !== String(self?.pid) &&
      !(one.status['State'] ?? '').startsWith('Z') &&
      !isEntering(one, subject),
  );
  if (own.length === 0) return { status: 'unknown', message: 'no process of the service was seen' };
  const wrong = own.filter((process) => !isGood(process)).map((process) => `${process.name} (${process.pid}): ${describe(process)}`);
  return failIfAny(wrong, `${own.length} processes`);
}

const ON_THE_WAY_IN = { docker: /^runc:\[/, process: /^(nsenter|setpriv|prlimit|perl)$/ } as const;

/**
 * A process on its way in, before it has given up its rights: runc for an engine's health test, or a step of `enterChain`, which is not yet
 * in the service's user namespace. Only what was put in from outside has no parent here; a service cannot make such a process.
 */
export function isEntering({ name, status }: ProcessFacts, { traits }: Subject): boolean {
  return ON_THE_WAY_IN[traits.kind].test(name) && status['PPid'] === '0';
}

/** As mountinfo writes a path: blanks and the like in octal. */
function escaped(path: string): string {
  return path.replace(/[ \t\n\\]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

/** Fields of a mountinfo line: its number, that of the one that it lies in, 4th what of its file system, 5th the place, 6th the options; see proc(5). */
function judgeMounts(self: SelfFacts | undefined, { traits, service: { volumes = [] } }: Subject): Judgement {
  if (!self || self.mounts.length === 0) return { status: 'unknown', message: 'the table of mounts could not be read' };
  const mounts = self.mounts
    .map((line) => line.split(' '))
    .map(([id = '', parent = '', , root = '', at = '', options = '']) => ({ id, parent, root, at, options: options.split(',') }));
  // While an engine copies files out of a container it mounts its volumes once more, beneath what is there: nobody gets at those.
  const covered = new Set(mounts.filter((one) => mounts.some(({ id, at }) => id === one.parent && at === one.at)).map((one) => one.parent));
  const writable = mounts.filter(({ id, options }) => !covered.has(id) && !options.includes('ro'));
  const scratch = new Map([
    ...Object.entries(traits.writableMounts),
    ...volumes.filter(({ readOnly }) => !readOnly).map(({ path }) => [escaped(path), 'any'] as const),
  ]);
  // Single device files, also where one hides another file (/proc/keys).
  const device = /^\/(?:null|zero|full|random|urandom|tty|ptmx)$/;
  const wrong = writable.filter(({ at, root }) => !scratch.has(at) && !device.test(root)).map(({ at }) => `${at} is writable`);
  const executable = writable
    .filter(({ at, options }) => scratch.get(at) === 'data' && !options.includes('noexec'))
    .map(({ at }) => `${at} is writable and executable`);
  const all = [...wrong, ...executable];
  return all.length > 0
    ? { status: 'fail', message: all.join(', ') }
    : { status: 'pass', message: `${mounts.length} mounts, ${writable.length} writable` };
}
