import type { Finding } from '../../core/finding.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import { failIfAny, findingOf, pass, unknown } from '../catalogue/judgement.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import { secretProbe } from '../probes/secret-probe.ts';
import type { SecretProbe } from '../probes/subject.ts';
import type { ProofInput } from '../proof-input.ts';
import { CONTAINER_CHECKS, LIMITS, looseLimits } from './container-checks.ts';
import { readDockerView, type DockerView } from './docker-view.ts';
import { INTERNAL, MEMBERS, strangersIn, wrongNetwork } from './network-checks.ts';
import { plannedNetworks, type PlannedContainers } from './planned.ts';

export const SECRETS_IN_INSPECT = {
  id: 'secrets.inspect',
  title: 'Docker knows no secret',
  severity: 'critical',
  from: 'host',
  runtimes: ['docker'],
  tries: 'looking for each secret, also encoded, in everything that docker inspect tells of the containers: environment, arguments, labels',
  sabotage: 'a secret is put into the environment of a container',
} as const satisfies CheckInfo;

export const SECRETS_IN_LOGS = {
  id: 'secrets.container-logs',
  title: 'no secret in the log of a container',
  severity: 'critical',
  from: 'host',
  runtimes: ['docker'],
  tries: 'looking for each secret, also encoded, in the last lines of the log of each container',
  sabotage: 'a secret is said into the log of a container',
} as const satisfies CheckInfo;

/** Everything that Docker's own view is asked for. */
export const DOCKER_CHECKS: readonly CheckInfo[] = [...CONTAINER_CHECKS, LIMITS, INTERNAL, MEMBERS, SECRETS_IN_INSPECT, SECRETS_IN_LOGS];

const LOG_LINES = 4000;

/** Docker's own view of the deployment against the plan; asked in one round trip, the logs beside it. */
export async function checkDocker(input: ProofInput, planned: PlannedContainers): Promise<readonly Finding[]> {
  const { docker } = input;
  if (!docker) return [];
  const networks = plannedNetworks(planned);
  const wanted = {
    services: [...planned.keys()],
    networks: networks.map(({ key }) => key),
    images: [...planned.values()].map(({ container }) => container.image),
  };
  const [view, logs] = await Promise.all([
    readDockerView(
      { docker: docker.command, run: (argv, options) => input.machine.run(argv, { ...options, env: docker.env }) },
      input.deployment.name,
      wanted,
    ),
    Promise.all(wanted.services.map(async (name) => ({ name, text: (await input.runtime.logs(name, LOG_LINES)).join('\n') }))),
  ]);
  const probes = new Map([...input.secrets].map(([name, secret]) => [name, secretProbe(secret)]));
  return [
    ...judgeDocker(view, planned, { deployment: input.deployment.name, cgroupVersion: docker.traits.cgroupVersion }),
    findingOf(SECRETS_IN_INSPECT, 'docker', searchTexts([{ name: 'docker inspect', text: view.raw }], probes), NEW_SECRET),
    findingOf(SECRETS_IN_LOGS, 'docker', searchTexts(logs, probes), NEW_SECRET),
  ];
}

const NEW_SECRET = 'make a new secret where it came from, then: lobsterpot secrets set NAME ; lobsterpot up';

/** Pure: what Docker said against the plan. */
export function judgeDocker(
  view: DockerView,
  planned: PlannedContainers,
  about: { readonly deployment: string; readonly cgroupVersion: '1' | '2' },
): readonly Finding[] {
  const containers = [...planned].flatMap(([service, spec]) => {
    const seen = view.containers.get(service);
    const fix = `make its container anew: lobsterpot up (service ${service})`;
    // What is bound and where it is attached only a running one has.
    if (seen?.State.Running !== true)
      return [...CONTAINER_CHECKS, LIMITS].map((check) =>
        findingOf(check, service, unknown(seen ? 'its container does not run' : 'there is no such container'), fix),
      );
    const imageId = view.imageIds.get(spec.container.image);
    const one = { spec, seen, cgroupVersion: about.cgroupVersion, ...(imageId === undefined ? {} : { imageId }) };
    return [
      ...CONTAINER_CHECKS.map((check) => findingOf(check, service, failIfAny(check.wrong(one), 'as planned'), fix)),
      findingOf(LIMITS, service, judgeLimits(looseLimits(one)), fix),
    ];
  });
  const fix = 'make it anew: lobsterpot down ; lobsterpot up';
  const networks = plannedNetworks(planned).flatMap((plan) => {
    const seen = view.networks.get(plan.key);
    const strangers = strangersIn(about.deployment, plan, seen);
    return [
      findingOf(
        INTERNAL,
        plan.key,
        failIfAny(wrongNetwork(plan, seen), plan.internal ? 'internal, no address on the host' : 'as planned'),
        fix,
      ),
      findingOf(
        MEMBERS,
        plan.key,
        failIfAny(strangers, `${plan.members.length} services, nobody else`),
        `find out who that is: docker ps ; then: docker network disconnect --force lobsterpot-${about.deployment}.${plan.key} NAME`,
      ),
    ];
  });
  return [...containers, ...networks];
}

function judgeLimits({ wrong, missing }: ReturnType<typeof looseLimits>): Judgement {
  if (wrong.length > 0) return failIfAny(wrong, '');
  return missing.length === 0 ? pass('as planned') : { status: 'not-enforced', message: `this engine cannot limit: ${missing.join(', ')}` };
}

function searchTexts(
  texts: readonly { readonly name: string; readonly text: string }[],
  probes: ReadonlyMap<string, SecretProbe>,
): Judgement {
  if (probes.size === 0) return unknown('no secret is known to look for');
  if (texts.every(({ text }) => text === '')) return unknown('there is nothing to look into');
  const found = texts.flatMap(({ name, text }) =>
    [...probes].filter(([, probe]) => probe.isIn(text)).map(([secret]) => `secret ${secret} in ${name}`),
  );
  return failIfAny(found, `${probes.size} secrets looked for in ${texts.length === 1 ? (texts[0]?.name ?? '') : `${texts.length} logs`}`);
}
