import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostKind, HostMachine } from '../lab/machines.ts';
import type { Lab } from '../lab/lab.ts';
import type { Kept } from './kept.ts';

const PLAY_MS = 300_000;
const SECRET_BYTES = 64;

/** A host and what the deployment keeps there. */
export type Keeper = { readonly host: HostMachine; readonly kept: Kept };

/** A play that is ready to run; each run tells how long it took and how many things it changed. */
export type Play = { run(): Promise<{ readonly ms: number; readonly changed: number }> };

/**
 * An Ansible play that keeps the same folders, files and secrets on the same hosts, of the same sizes and modes, and looks at the same
 * containers. With pipelining, every host at once, and no task that changes anything the second time.
 */
export function ansiblePlay(lab: Lab, deployment: string, keepers: readonly Keeper[]): Play {
  const folder = join(lab.operator.home, `ansible-${keepers.length}`);
  mkdirSync(join(folder, 'files'), { recursive: true });
  for (const bytes of new Set(keepers.flatMap(({ kept }) => [SECRET_BYTES, ...kept.files.map((one) => one.bytes)])))
    writeFileSync(join(folder, 'files', String(bytes)), 'lobsterpot\n'.repeat(bytes / 11 + 1).slice(0, bytes));
  const inventory = { all: { hosts: Object.fromEntries(keepers.map((one) => [one.host.name, hostVars(deployment, one)])) } };
  writeFileSync(join(folder, 'ansible.cfg'), config(keepers.length));
  writeFileSync(join(folder, 'hosts.json'), JSON.stringify(inventory));
  writeFileSync(join(folder, 'play.yml'), JSON.stringify([{ hosts: 'all', tasks: TASKS }], undefined, 1));
  return {
    run: async () => {
      const begin = performance.now();
      const ended = await lab.operator.run(['ansible-playbook', '--inventory', join(folder, 'hosts.json'), join(folder, 'play.yml')], {
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

function config(forks: number): string {
  return `[defaults]\nforks = ${forks}\n[ssh_connection]\npipelining = True\nssh_args = -o ControlMaster=auto -o ControlPersist=60s\n`;
}

const OF_KIND = {
  mac: { ansible_user: 'me', base: '/Users/me/play', docker: 'docker' },
  nas: { ansible_user: 'admin', base: '/volume1/docker/play', docker: 'sudo -n /usr/local/bin/docker' },
} as const satisfies Readonly<Record<HostKind, object>>;

function hostVars(deployment: string, { host, kept }: Keeper): object {
  return {
    ansible_host: host.address,
    ansible_python_interpreter: '/usr/bin/python3',
    ...OF_KIND[host.kind],
    folders: [{ path: '', mode: '0700' }, ...kept.folders],
    files: kept.files,
    secrets: kept.secrets,
    containers: kept.services.map((service) => `lobsterpot-${deployment}-${service}`),
    links: kept.links,
  };
}

const TASKS = [
  { name: 'folders', file: { path: '{{ base }}/{{ item.path }}', state: 'directory', mode: '{{ item.mode }}' }, loop: '{{ folders }}' },
  {
    name: 'files',
    copy: { src: '{{ item.bytes }}', dest: '{{ base }}/{{ item.path }}', mode: '{{ item.mode }}' },
    loop: '{{ files }}',
  },
  {
    name: 'secrets',
    copy: { src: String(SECRET_BYTES), dest: '{{ base }}/{{ item }}', mode: '0400' },
    loop: '{{ secrets }}',
    no_log: true,
  },
  {
    name: 'keys of tunnels',
    lineinfile: { path: '{{ base }}/authorized_keys', line: 'restrict ssh-ed25519 AAAA {{ item }}', create: true, mode: '0600' },
    loop: '{{ links }}',
  },
  { name: 'image', command: '{{ docker }} image inspect lobsterpot-lab/openclaw:2026.9.6', changed_when: false },
  { name: 'networks', command: '{{ docker }} network ls', changed_when: false },
  { name: 'containers', command: '{{ docker }} inspect {{ item }}', loop: '{{ containers }}', changed_when: false },
] as const;
