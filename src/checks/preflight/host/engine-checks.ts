import { plainText } from '../../../core/plain-text.ts';
import type { DockerFacts } from '../../../hosts/docker-facts.ts';
import { containerCheck, engineCheck, fine, gap, unseen, wrong, type HostCheck, type Verdict } from './host-check.ts';
import { kernelOf } from './system-checks.ts';
import { isAtLeast, numbersOf } from './version.ts';

const INSTALL =
  'install it there: DSM: Package Center > Container Manager; Mac: OrbStack or Docker Desktop; Debian: sudo apt-get install docker.io';
const UPDATE =
  'update it there: DSM: Package Center > Container Manager > Update; Mac: the app itself; Debian: sudo apt-get install docker.io';

const present = containerCheck(
  {
    id: 'preflight.docker',
    title: 'docker is installed',
    severity: 'critical',
    tries: 'looking for docker on PATH and where Synology, Homebrew, Docker Desktop and OrbStack put it',
    sabotage: 'no docker at all',
  },
  ({ facts: { docker } }) =>
    docker === undefined || docker.kind === 'absent'
      ? wrong('there is no docker, so nothing else of it could be looked at', INSTALL)
      : fine(docker.path),
);

const rights = containerCheck(
  {
    id: 'preflight.docker-rights',
    title: 'the user may use docker without a password',
    severity: 'critical',
    tries: 'running docker version, by sudo -n where the socket is closed to the user',
    sabotage: 'sudo asks for a password',
  },
  ({ facts: { docker, user, macos } }) => {
    if (docker === undefined || docker.kind === 'absent') return undefined;
    if (docker.kind === 'ready') return fine(docker.sudo === undefined ? `${user} may` : `${user} may, by sudo without a password`);
    const rule = `${user} ALL=(root) NOPASSWD: ${docker.path}`;
    const line = `there: echo '${rule}' | sudo tee /etc/sudoers.d/lobsterpot && sudo chmod 440 /etc/sudoers.d/lobsterpot`;
    switch (docker.why) {
      case 'sudo-password':
        return wrong(`docker needs sudo, and sudo asks for a password: ${said(docker)}`, line);
      case 'permission':
        return wrong(
          `${user} may not use docker: ${said(docker)}`,
          macos
            ? 'log in on that Mac as the user who runs the app of docker'
            : `${line} ; or: sudo usermod -aG docker ${user} (it gives that user the rights of root)`,
        );
      case 'not-running':
      case 'other':
        return undefined;
    }
  },
);

const answers = containerCheck(
  {
    id: 'preflight.docker-engine',
    title: 'the engine runs and answers',
    severity: 'critical',
    tries: 'reading docker version and docker info',
    sabotage: 'the engine does not run',
  },
  ({ facts: { docker } }) => {
    if (docker?.kind === 'ready') return fine(`${docker.info.OperatingSystem || 'engine'} ${docker.version}`);
    if (docker?.kind !== 'unusable' || docker.why === 'sudo-password' || docker.why === 'permission') return undefined;
    return docker.why === 'not-running'
      ? wrong(
          `it does not run: ${said(docker)}`,
          'start it there: DSM: Package Center > Container Manager > Run; Mac: open -a OrbStack, or open -a Docker; Linux: sudo systemctl start docker',
        )
      : wrong(`it gives no usable answer: ${said(docker)}`, `see why there: ${docker.path} info`);
  },
);

const containersOf = engineCheck(
  {
    id: 'preflight.docker-os',
    title: 'the engine runs Linux containers on a known processor',
    severity: 'critical',
    tries: 'reading OSType and Architecture of docker info',
    sabotage: 'an engine of another system',
  },
  ({ info: { OSType, Architecture } }) =>
    OSType === 'linux' && /^(x86_64|amd64|aarch64|arm64)$/.test(Architecture)
      ? fine(`${OSType} ${Architecture}`)
      : wrong(
          `it runs ${OSType || 'unknown'} containers on ${Architecture || 'an unknown processor'}`,
          'use an engine for Linux containers on x86-64 or arm64',
        ),
);

const version = engineCheck(
  {
    id: 'preflight.docker-version',
    title: 'the engine is new enough',
    severity: 'high',
    tries: 'reading the version of the engine',
    sabotage: 'an engine from before 20.10',
  },
  ({ version: number }) => atLeast('engine', number, [20, 10]),
);

const onOldKernel = engineCheck(
  {
    id: 'preflight.docker-kernel',
    title: 'the engine fits its kernel',
    severity: 'medium',
    tries: 'comparing the version of the engine with the kernel: from 28 on, networks break on 4.4',
    sabotage: 'engine 28 on kernel 4.4',
  },
  ({ version: number }, seen) =>
    isAtLeast(number, [28]) === true && isAtLeast(kernelOf(seen), [4, 5]) === false
      ? wrong(
          `engine ${number} on kernel ${kernelOf(seen)}: networks of containers are known to break`,
          "go back to Synology's own package: DSM: Package Center > Container Manager",
        )
      : fine(`engine ${number} on kernel ${kernelOf(seen)}`),
);

const dns = engineCheck(
  {
    id: 'preflight.docker-dns',
    title: "the engine does not ask the host's resolver for contained services",
    severity: 'low',
    tries: 'comparing the version of the engine with those that have CVE-2024-29018',
    sabotage: 'an engine with CVE-2024-29018',
  },
  ({ version: number }) =>
    hasDnsLeak(number)
      ? gap(
          `engine ${number} has CVE-2024-29018: each service asks a sinkhole of its own instead, and verify tries whether names get out`,
          'nothing to do but: lobsterpot verify ; engines 23.0.11, 25.0.5 and from 26 on are free of it',
        )
      : fine(`engine ${number} is free of CVE-2024-29018`),
);

const api = engineCheck(
  {
    id: 'preflight.docker-api',
    title: 'the engine speaks a known version of its API',
    severity: 'medium',
    tries: 'reading the version of the API',
    sabotage: 'an API from before 1.41',
  },
  ({ apiVersion }) => atLeast('API', apiVersion, [1, 41]),
);

const compose = engineCheck(
  {
    id: 'preflight.compose',
    title: 'compose is installed',
    severity: 'critical',
    tries: 'asking docker compose and docker-compose for their version',
    sabotage: 'docker without compose',
  },
  (engine) =>
    engine.compose
      ? fine(`${engine.compose.version}, ${engine.compose.form === 'plugin' ? 'docker compose' : engine.compose.path}`)
      : wrong(
          'neither docker compose nor docker-compose is there',
          'install it there: DSM: update Container Manager; Debian: sudo apt-get install docker-compose',
        ),
);

const composeVersion = engineCheck(
  {
    id: 'preflight.compose-version',
    title: 'compose is new enough',
    severity: 'medium',
    tries: 'reading its version: 2.9 is the oldest that was tried, and 1.29 of the one before',
    sabotage: 'an old compose',
  },
  (engine) =>
    engine.compose ? atLeast('compose', engine.compose.version, numbersOf(engine.compose.version)[0] === 1 ? [1, 29] : [2, 9]) : undefined,
);

/** Is docker there, may it be used, and is it one that was tried? */
export const ENGINE_CHECKS: readonly HostCheck[] = [
  present,
  rights,
  answers,
  containersOf,
  version,
  onOldKernel,
  dns,
  api,
  compose,
  composeVersion,
];

function atLeast(what: string, number: string, least: readonly number[]): Verdict {
  const isOk = isAtLeast(number, least);
  if (isOk === undefined) return unseen(`${what} says ${JSON.stringify(number)}`, 'look there: docker version');
  return isOk ? fine(number) : wrong(`${what} ${number}, and ${least.join('.')} is the oldest that was tried`, UPDATE);
}

/** Engines before 23.0.11, 25.0.5 and 26 forward names of internal networks from the host's own namespace. */
function hasDnsLeak(number: string): boolean {
  const [major = 0, minor = 0, patch = 0] = numbersOf(number);
  if (major === 23 && minor === 0) return patch < 11;
  if (major === 25 && minor === 0) return patch < 5;
  return major < 26;
}

function said({ said: text }: Extract<DockerFacts, { kind: 'unusable' }>): string {
  return plainText(text, 160) || 'it said nothing';
}
