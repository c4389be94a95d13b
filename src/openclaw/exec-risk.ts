import type { ExecRule } from './exec-policy.ts';

type Risk = 'runs other programs' | 'runs any code' | 'writes files' | 'reaches the network' | 'changes its own rights';

// By base name, versions cut off (`python3.11` is `python`). What a binary can do with arguments of its own choosing.
const RISKS: Readonly<Record<string, Risk>> = {
  ...all('runs any code', 'sh bash dash ash zsh ksh fish csh tcsh busybox toybox'),
  ...all('runs any code', 'python perl ruby node bun deno php lua awk gawk mawk tclsh expect gdb make vim vi ed emacs'),
  ...all(
    'runs other programs',
    'env xargs find nice nohup timeout time setsid stdbuf script watch parallel run-parts flock ionice taskset',
  ),
  ...all('runs other programs', 'strace ltrace nsenter unshare chroot start-stop-daemon systemd-run at crontab less more man'),
  ...all('runs other programs', 'git ssh tar zip rsync docker podman npm npx pip'),
  ...all('writes files', 'tee dd cp mv install ln rm sed sort split truncate unzip gzip gunzip xz zstd touch mkdir chmod chown'),
  ...all('writes files', 'sqlite uniq shred patch'),
  ...all('reaches the network', 'curl wget nc ncat netcat socat telnet ftp sftp scp dig host nslookup openssl'),
  ...all('changes its own rights', 'sudo su doas pkexec setpriv capsh'),
};

/** Why a rule without `args`, or with one that is not tied to both ends, is unwise; undefined when it looks narrow. */
export function riskOf(rule: ExecRule): { readonly message: string; readonly fix: string } | undefined {
  const name = rule.path.slice(rule.path.lastIndexOf('/') + 1);
  const risk = RISKS[name.replace(/[-.]?\d[\d.]*$/, '')] ?? RISKS[name];
  const fix = `give args as a regular expression on the whole argument line, for example: args: "^--version$"`;
  if (rule.args === undefined) {
    return risk === undefined ? undefined : { message: `${rule.path} ${risk} when its arguments are free`, fix };
  }
  if (tied(rule.args)) return undefined;
  const what = risk === undefined ? 'any text may stand around the match' : `any text may stand around the match, and ${name} ${risk}`;
  return { message: `args of ${rule.path} is not tied to both ends (^ and $): ${what}`, fix };
}

function tied(args: string): boolean {
  // `^a|b$` ties neither alternative to both ends: only an alternation inside a group counts.
  let depth = 0;
  for (const part of args.replaceAll(/\\.|\[(?:\\.|[^\]])*\]/g, '')) {
    if (part === '(') depth += 1;
    else if (part === ')') depth -= 1;
    else if (part === '|' && depth === 0) return false;
  }
  return args === '' || (args.startsWith('^') && args.endsWith('$') && !args.endsWith('\\$'));
}

function all(risk: Risk, names: string): Record<string, Risk> {
  return Object.fromEntries(names.split(' ').map((name) => [name, risk]));
}
