/** A program that does more than its name says when its arguments are free. */
export type RiskyBinary = {
  readonly names: readonly string[];
  /** What free arguments let it do, as the end of a sentence that begins with its path. */
  readonly does: string;
  /** No regular expression makes it safe: what it runs or reads is not in its arguments. */
  readonly always?: true;
};

/**
 * Programs that write files, open connections or start other programs by way of their arguments.
 * The list is for warnings; what is not on it is not thereby harmless.
 */
export const RISKY_BINARIES: readonly RiskyBinary[] = [
  { names: ['sh', 'bash', 'dash', 'zsh', 'ksh', 'fish', 'ash', 'busybox', 'toybox', 'pwsh'], does: 'runs any command', always: true },
  {
    names: ['python', 'perl', 'ruby', 'node', 'deno', 'bun', 'php', 'lua', 'tclsh', 'Rscript', 'java'],
    does: 'runs any program text',
    always: true,
  },
  {
    names: ['sudo', 'su', 'doas', 'runuser', 'setpriv', 'pkexec', 'unshare', 'nsenter', 'chroot'],
    does: 'runs any command, as another identity or in another place',
    always: true,
  },
  {
    names: [
      'env',
      'xargs',
      'nohup',
      'nice',
      'ionice',
      'timeout',
      'time',
      'stdbuf',
      'setsid',
      'flock',
      'watch',
      'parallel',
      'strace',
      'script',
      'run-parts',
      'start-stop-daemon',
    ],
    does: 'starts the program that its arguments name',
  },
  { names: ['find', 'fd', 'fdfind'], does: 'starts programs, deletes and writes files (-exec, -delete, -fprintf)' },
  {
    names: ['tar', 'bsdtar', 'cpio', 'zip', 'unzip', '7z', 'ar'],
    does: 'writes files and can start programs (--checkpoint-action, --to-command, -TT)',
  },
  { names: ['rsync', 'scp', 'sftp', 'ssh'], does: 'starts programs (-e, --rsync-path, ProxyCommand) and copies files anywhere' },
  { names: ['curl', 'wget', 'aria2c', 'nc', 'ncat', 'netcat', 'socat', 'telnet', 'ftp'], does: 'writes files and opens connections' },
  {
    names: ['awk', 'gawk', 'mawk', 'nawk', 'sed', 'ed', 'ex', 'vi', 'vim', 'nvim', 'nano', 'emacs', 'less', 'more', 'man'],
    does: 'starts programs and writes files from its script or prompt',
  },
  {
    names: [
      'git',
      'hg',
      'svn',
      'make',
      'cmake',
      'npm',
      'npx',
      'pip',
      'cargo',
      'go',
      'gcc',
      'cc',
      'apt',
      'apt-get',
      'dpkg',
      'dnf',
      'yum',
      'apk',
      'brew',
    ],
    does: 'runs programs that its configuration, hooks or packages name',
  },
  {
    names: ['docker', 'podman', 'nerdctl', 'kubectl', 'ctr', 'systemctl', 'systemd-run', 'launchctl', 'crontab', 'at', 'batch'],
    does: 'starts programs outside what lobsterpot contains',
    always: true,
  },
  {
    names: [
      'dd',
      'cp',
      'mv',
      'install',
      'ln',
      'tee',
      'truncate',
      'shred',
      'rm',
      'chmod',
      'chown',
      'sort',
      'split',
      'openssl',
      'sqlite3',
      'ffmpeg',
      'gpg',
      'patch',
    ],
    does: 'writes, replaces or removes any file of its user',
  },
  { names: ['cat', 'head', 'tail', 'less', 'grep', 'rg', 'base64', 'xxd', 'od', 'strings', 'diff'], does: 'reads any file of its user' },
];

/** What is risky about a program, by the last part of its path; a version at its end (`python3.11`) is not counted. */
export function riskyBinary(path: string): RiskyBinary | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const bare = name.replace(/[-.]?\d+(\.\d+)*$/, '');
  return RISKY_BINARIES.find((one) => one.names.includes(name) || one.names.includes(bare));
}
