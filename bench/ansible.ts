import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostKind, HostMachine } from '../lab/machines.ts';
import type { Lab } from '../lab/lab.ts';

const PLAY_MS = 240_000;

/** What a play holds for each of three services: its folders, its files, its container. */
const SERVICES = ['gate', 'gateway', 'ingress'] as const;

/** Tasks of the play on each host. */
export const TASKS: number = SERVICES.length * 7;

/** A play that is ready to run; each run tells how long it took and how many things it changed. */
export type Play = { run(): Promise<{ readonly ms: number; readonly changed: number }> };

/**
 * An Ansible play that keeps the same kind of things on the same hosts: folders with modes, files from templates, containers that run.
 * With pipelining, every host at once, and no task that changes anything the second time.
 */
export function ansiblePlay(lab: Lab, hosts: readonly HostMachine[]): Play {
  const folder = join(lab.operator.home, `ansible-${hosts.length}`);
  mkdirSync(folder, { recursive: true });
  const config = `[defaults]\nforks = ${hosts.length}\n[ssh_connection]\npipelining = True\nssh_args = -o ControlMaster=auto -o ControlPersist=60s\n`;
  const vars = '[all:vars]\nansible_python_interpreter=/usr/bin/python3\n';
  writeFileSync(join(folder, 'ansible.cfg'), config);
  writeFileSync(join(folder, 'hosts'), `${hosts.map(inventoryLine).join('')}${vars}`);
  writeFileSync(join(folder, 'config.j2'), '{"service": "{{ service }}", "host": "{{ inventory_hostname }}"}\n');
  writeFileSync(join(folder, 'play.yml'), JSON.stringify([{ hosts: 'all', tasks: SERVICES.flatMap(tasksOf) }], undefined, 1));
  return {
    run: async () => {
      const begin = performance.now();
      const ended = await lab.operator.run(['ansible-playbook', '--inventory', join(folder, 'hosts'), join(folder, 'play.yml')], {
        timeoutMs: PLAY_MS,
        env: { ...lab.operator.env, ANSIBLE_CONFIG: join(folder, 'ansible.cfg'), LC_ALL: 'C.UTF-8' },
      });
      const ms = performance.now() - begin;
      if (ended.code !== 0) throw new Error(`the play failed: ${ended.stdout.slice(-1500)}${ended.stderr.slice(-500)}`);
      const changed = [...ended.stdout.matchAll(/changed=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
      return { ms, changed };
    },
  };
}

const OF_KIND = {
  mac: 'ansible_user=me base=/Users/me/play docker=docker',
  nas: 'ansible_user=admin base=/volume1/docker/play docker="sudo -n /usr/local/bin/docker"',
} as const satisfies Readonly<Record<HostKind, string>>;

function inventoryLine({ name, address, kind }: HostMachine): string {
  return `${name} ansible_host=${address} ${OF_KIND[kind]}\n`;
}

function tasksOf(service: string): readonly object[] {
  const at = `{{ base }}/${service}`;
  const directory = (path: string, mode: string): object => ({ name: `folder ${path}`, file: { path, state: 'directory', mode } });
  const template = (name: string): object => ({
    name: `file ${service}/${name}`,
    template: { src: 'config.j2', dest: `${at}/config/${name}`, mode: '0440' },
    vars: { service },
  });
  return [
    directory(at, '0700'),
    directory(`${at}/config`, '0750'),
    directory(`${at}/secrets`, '0750'),
    directory(`${at}/state`, '0700'),
    template('openclaw.json'),
    template('spec.json'),
    { name: `container ${service}`, command: '{{ docker }} ps --quiet --filter label=lobsterpot.service', changed_when: false },
  ];
}
