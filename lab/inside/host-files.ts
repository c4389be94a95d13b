import { LAB } from '../../e2e/lab/addresses.ts';
import type { Machine } from '../net.ts';
import type { NasOddities } from '../oddities.ts';
import { oldKernelProfile } from '../oddities.ts';

/** A file of a place: absolute path, content, mode. */
export type PlaceFile = { readonly path: string; readonly text: string; readonly mode: number };

/** Where a place's certificate authority of the lab lies, readable for everybody. */
export const CA_FILE = '/etc/lobsterpot-lab/ca.pem';

/** PATH of a login on DSM: without /usr/local/bin. */
export const DSM_PATH = '/usr/bin:/bin:/usr/sbin:/sbin';

/** What every place has: names by the lab's resolver, the neighbours by their short names. */
export function commonFiles(machines: readonly Machine[]): readonly PlaceFile[] {
  const hosts = machines.map(({ name, address }) => `${address} ${name} ${name}.local\n`).join('');
  return [
    { path: '/etc/resolv.conf', text: `nameserver ${LAB.resolver}\noptions timeout:2 attempts:1\n`, mode: 0o644 },
    // Without it a resolver daemon of the machine could be asked over its own socket, past every namespace.
    { path: '/etc/nsswitch.conf', text: 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n', mode: 0o644 },
    { path: '/etc/hosts', text: `127.0.0.1 localhost\n${hosts}`, mode: 0o644 },
  ];
}

/** sshd of a host: key login only; on the NAS as DSM has it. */
export function sshdConfig(options: { readonly forwarding: boolean; readonly sftp: boolean; readonly path?: string }): string {
  return [
    'Port 22',
    'HostKey /etc/ssh/ssh_host_ed25519_key',
    'PidFile none',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PrintMotd no',
    `AllowTcpForwarding ${options.forwarding ? 'yes' : 'no'}`,
    ...(options.path === undefined ? [] : [`SetEnv PATH=${options.path}`]),
    ...(options.sftp ? ['Subsystem sftp internal-sftp'] : []),
    '',
  ].join('\n');
}

/** The files of the plain host. */
export function macFiles(): readonly PlaceFile[] {
  return [{ path: '/etc/ssh/sshd_config', text: sshdConfig({ forwarding: true, sftp: true }), mode: 0o644 }];
}

/** Where the engine of the NAS finds its default seccomp profile. */
export const SECCOMP_FILE = '/etc/lobsterpot-lab/kernel-4.4.json';

/** The files of the NAS. */
export function nasFiles(odd: NasOddities, user: string): readonly PlaceFile[] {
  const config = { forwarding: !odd.noForwarding, sftp: !odd.noSftp, ...(odd.dockerNeedsSudo ? { path: DSM_PATH } : {}) };
  return [
    { path: '/etc/ssh/sshd_config', text: sshdConfig(config), mode: 0o644 },
    { path: '/etc/sudoers', text: sudoers(user), mode: 0o440 },
    {
      path: '/etc.defaults/VERSION',
      text: 'majorversion="7"\nminorversion="2"\nproductversion="7.2.2"\nbuildnumber="72806"\n',
      mode: 0o644,
    },
    ...(odd.oldKernel
      ? [
          { path: SECCOMP_FILE, text: oldKernelProfile(), mode: 0o644 },
          { path: '/usr/bin/uname', text: OLD_UNAME, mode: 0o755 },
        ]
      : []),
  ];
}

/** What a program that asks for the kernel's version is told. The kernel itself cannot be another one. */
const OLD_UNAME = `#!/bin/sh
[ $# -gt 0 ] || set -- -s
out=
for word in $(printf %s "$*" | sed 's/[- ]//g; s/a/snrm/; s/./& /g'); do
  case $word in
    s) out="$out Linux" ;;
    n) out="$out $(cat /proc/sys/kernel/hostname)" ;;
    r) out="$out 4.4.302+" ;;
    m) out="$out $(arch)" ;;
    *) echo "uname: no option -$word here" >&2; exit 1 ;;
  esac
done
echo "\${out# }"
`;

function sudoers(user: string): string {
  return [
    'Defaults env_reset',
    `Defaults secure_path="${DSM_PATH}"`,
    'root ALL=(ALL:ALL) ALL',
    `${user} ALL=(root) NOPASSWD: /usr/local/bin/docker`,
    '',
  ].join('\n');
}
