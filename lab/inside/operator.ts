import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HostMachine, OPERATOR } from '../machines.ts';
import { must, startHolder } from './act.ts';
import { commonFiles } from './host-files.ts';

/** Makes the operator's home: a key for ssh. Its known hosts come when the hosts have their keys. */
export async function makeOperatorHome(folder: string): Promise<void> {
  const ssh = join(folder, 'operator/.ssh');
  mkdirSync(ssh, { recursive: true, mode: 0o700 });
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'operator', '-f', join(ssh, 'id_ed25519')]);
}

/** The operator's place: this machine's files, the lab's network and names, a home of its own. */
export async function makeOperator(
  folder: string,
  network: string,
  hosts: readonly { readonly host: HostMachine; readonly holder: number }[],
): Promise<number> {
  const home = join(folder, 'operator');
  const known = hosts.map(({ host: { name, address }, holder }) => {
    const key = readFileSync(`/proc/${holder}/root/etc/ssh/ssh_host_ed25519_key.pub`, 'utf8').trim().split(' ').slice(0, 2).join(' ');
    return `${name},${name}.local,${address} ${key}\n`;
  });
  writeFileSync(join(home, '.ssh/known_hosts'), known.join(''), { mode: 0o600 });
  // ssh asks the user data base for the home, not the environment.
  const passwd = readFileSync('/etc/passwd', 'utf8').replace(/^root:.*$/m, `root:x:0:0:root:${home}:/bin/bash`);
  const files = [...commonFiles([...hosts.map(({ host }) => host), OPERATOR]), { path: '/etc/passwd', text: passwd, mode: 0o644 }];
  const etc = join(folder, 'operator-etc');
  mkdirSync(etc);
  const binds = files.flatMap(({ path, text, mode }) => {
    const source = join(etc, path.replace('/etc/', ''));
    writeFileSync(source, text, { mode });
    return [source, path];
  });
  const own = ['nsenter', `--net=${network}`, 'unshare', '--mount', '--uts', '--propagation', 'private'];
  return await startHolder([...own, '/bin/sh', join(import.meta.dirname, 'operator-root.sh'), OPERATOR.name, ...binds]);
}
