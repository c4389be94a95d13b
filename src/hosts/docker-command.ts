import { plainText } from '../core/plain-text.ts';
import { Problem } from '../core/problem.ts';
import type { DockerFacts } from './docker-facts.ts';
import type { HostFacts } from './host.ts';
import { PLAIN_PATH } from './run.ts';

/** The first words of every docker command on that host; a Problem with the way out where there are none. */
export function dockerCommand(host: string, facts: Pick<HostFacts, 'docker' | 'user'>): readonly string[] {
  const { docker } = facts;
  if (docker?.kind !== 'ready') throw dockerProblem(host, facts.user, docker ?? { kind: 'absent' });
  return docker.sudo === undefined ? [docker.path] : [docker.sudo, '-n', docker.path];
}

/** The first words of every compose command; a Problem where compose is absent. */
export function composeCommand(host: string, facts: HostFacts): readonly string[] {
  const { docker } = facts;
  const command = dockerCommand(host, facts);
  if (docker?.kind !== 'ready' || docker.compose === undefined) {
    throw new Problem('hosts/compose-absent', `host ${host} has docker and no compose`, {
      cause: 'neither docker compose nor docker-compose gave a version',
      fix: 'install it (Debian: sudo apt-get install docker-compose-v2 or docker-compose-plugin), then run: lobsterpot up',
    });
  }
  if (docker.compose.form === 'plugin') return [...command, 'compose'];
  return docker.sudo === undefined ? [docker.compose.path] : [docker.sudo, '-n', docker.compose.path];
}

/** The environment of docker commands: the user's contexts and plugins lie in the home folder. */
export function dockerEnvironment(facts: Pick<HostFacts, 'home'>): Readonly<Record<string, string>> {
  return { PATH: PLAIN_PATH, ...(facts.home === undefined ? {} : { HOME: facts.home }) };
}

/** Why containers cannot be run on that host, and what to do about it there. */
function dockerProblem(host: string, user: string, docker: Exclude<DockerFacts, { kind: 'ready' }>): Problem {
  if (docker.kind === 'absent') {
    return new Problem('hosts/docker-absent', `host ${host} has no docker`, {
      cause: 'no docker program on PATH, nor where Synology, Homebrew, Docker Desktop and OrbStack put it',
      fix: 'install it there (Synology: Package Center, Container Manager; Mac: OrbStack or Docker Desktop; Debian: sudo apt-get install docker.io), then run: lobsterpot up',
    });
  }
  const cause = plainText(docker.said, 500) || 'it said nothing';
  const rule = `${user} ALL=(root) NOPASSWD: ${docker.path}`;
  const again = 'then run: lobsterpot up';
  switch (docker.why) {
    case 'sudo-password':
      return new Problem('hosts/sudo-password', `docker on host ${host} needs sudo, and sudo asks for a password`, {
        cause,
        fix: `there: echo '${rule}' | sudo tee /etc/sudoers.d/lobsterpot && sudo chmod 440 /etc/sudoers.d/lobsterpot , ${again}`,
      });
    case 'permission':
      return new Problem('hosts/docker-permission', `the user ${user} may not use docker on host ${host}`, {
        cause,
        fix: `there: sudo usermod -aG docker ${user} (it gives that user the rights of root), or install sudo with the line: ${rule} , ${again}`,
      });
    case 'not-running':
      return new Problem('hosts/docker-not-running', `docker on host ${host} is installed and its engine does not run`, {
        cause,
        fix: `start it there (Synology: Package Center, Container Manager, Run; Mac: open -a OrbStack or Docker; Linux: sudo systemctl start docker), ${again}`,
      });
    case 'other':
      return new Problem('hosts/docker', `docker on host ${host} gives no usable answer`, {
        cause,
        fix: `see why there: ${docker.path} version , ${again}`,
      });
  }
}
