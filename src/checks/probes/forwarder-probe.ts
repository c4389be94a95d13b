import { HEALTH_TEST } from '../../runtimes/docker/compose.ts';
import { INSIDE } from '../../runtimes/docker/layout.ts';
import { failIfAny, unknown } from '../catalogue/judgement.ts';
import type { ProcessFacts } from './attempt.ts';
import type { Probe } from './probe.ts';
import { isEntering } from './process-probes.ts';

const NODE = '/usr/local/bin/node';
const LAUNCHER = '/opt/lobsterpot/launcher.mjs';

/** A service with a way out of its own is trusted with it because it runs nothing but what takes no orders. */
export const FORWARDER_PROBES: readonly Probe[] = [
  {
    id: 'host.forwarder-only',
    title: 'a service with a way out of its own runs nothing but its forwarder',
    severity: 'critical',
    from: 'inside',
    runtimes: ['docker'],
    roles: ['ingress', 'link'],
    control: 'none',
    tries: 'reading the arguments of every process in the container of an ingress (the launcher alone) or a link (the launcher and ssh)',
    sabotage: 'another program runs in a forwarder',
    attempts: () => ({ processes: { kind: 'processes' } }),
    judge: (results, subject) => {
      const { self, processes } = results.get('processes') ?? {};
      if (!self || !processes) return unknown('the processes could not be read');
      const own = processes.filter(
        (one) =>
          one.pid !== self.pid &&
          one.status['PPid'] !== String(self.pid) &&
          !(one.status['State'] ?? '').startsWith('Z') &&
          !isEntering(one, subject),
      );
      if (!own.some(isLauncher)) return unknown('the launcher was not seen');
      const others = own.filter(
        (one) => !isLauncher(one) && !isInit(one) && !isHealthTest(one) && !(subject.service.role === 'link' && isTunnel(one)),
      );
      return failIfAny(
        others.map(({ pid, name }) => `${name} (${pid})`),
        `${own.length} processes`,
      );
    },
    fix: ({ service }) => `find out who started it: lobsterpot logs ${service.name} ; then make the container anew: lobsterpot up`,
  },
];

/** As the service itself, and as what joins an operator's stream with it. */
function isLauncher({ argv = [] }: ProcessFacts): boolean {
  return argv[0] === NODE && argv[1] === LAUNCHER;
}

/** The engine's own first process. */
function isInit({ pid }: ProcessFacts): boolean {
  return pid === 1;
}

/** What the engine runs every few seconds, and the one program that it starts. */
function isHealthTest({ argv = [] }: ProcessFacts): boolean {
  const [program = '', ...args] = argv;
  if (/(?:^|\/)cat$/.test(program)) return args.length === 1 && args[0] === INSIDE.disk;
  return /(?:^|\/)sh$/.test(program) && args.length === 2 && args[0] === '-c' && args[1] === HEALTH_TEST;
}

function isTunnel({ argv = [] }: ProcessFacts): boolean {
  return argv[0] === '/usr/bin/ssh' && argv.includes('-N');
}
