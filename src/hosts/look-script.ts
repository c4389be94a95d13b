import { quoteArgv, quoteWord } from './ssh/quote.ts';
import type { LookRequest } from './look.ts';

const ACCOUNT = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;

// `look KEY PATH`: what is there, or the nearest folder above; ls is the one program that tells modes everywhere, ACLs with a plus sign too.
const LOOK = String.raw`look() {
  ln=$2; while [ ! -e "$ln" ] && [ ! -L "$ln" ] && [ "$ln" != / ]; do ln=$(dirname "$ln"); done
  lw=there; [ "$ln" = "$2" ] || { lw=absent; [ -x "$ln" ] || lw=hidden; }
  lk=-; [ ! -L "$ln" ] || lk=link
  la=; [ ! -r "$ln" ] || la=r; [ ! -w "$ln" ] || la=$la'w'; [ ! -x "$ln" ] || la=$la'x'
  { ls -ldnL "$ln" || ls -ldn "$ln"; } 2>/dev/null | { read -r lm lc lu lg lr; say look_path "$1 $lw ${'$'}{lm:-?} ${'$'}{lu:-?} ${'$'}{lg:-?} ${'$'}{la:--} $lk $ln"; }
  say look_disk "$1 $(df -Pk "$ln" 2>/dev/null | tail -n 1)"
}
account() {
  lid=$(id -u "$1" 2>/dev/null) || return
  eval "lh=~$1"
  say look_account "$1 $lid $(id -g "$1") $lh"
  look "@$1/home" "$lh"; look "@$1/folder" "$lh/.ssh"; look "@$1/file" "$lh/.ssh/authorized_keys"
}`;

const MACHINE = String.raw`say look_groups "$(id -Gn)"
if [ -r /proc/net/fib_trie ]; then awk '/\|-- /{a=$2} /\/32 host LOCAL/{print a}' /proc/net/fib_trie | sort -u | each look_address
else ifconfig 2>/dev/null | awk '$1=="inet"{print $2}' | each look_address; fi
if [ "$(uname -s)" = Darwin ]; then
  dscl . -list /Users UniqueID 2>/dev/null | awk '{print $1":"$2}' | each look_user
  pmset -g 2>/dev/null | each look_pmset
  say look_filevault "$(fdesetup status 2>/dev/null)"
  say look_autologin "$(defaults read /Library/Preferences/com.apple.loginwindow autoLoginUser 2>/dev/null)"
else cut -d: -f1,3 /etc/passwd | each look_user; fi
[ ! -r /etc/ssh/sshd_config ] || {
  say look_sshd readable
  for f in /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config; do
    [ ! -r "$f" ] || grep -iE '^[[:space:]]*(AllowTcpForwarding|Match)[[:space:]]' "$f" | each look_sshd
  done
}`;

/** The part of the facts script that looks at what a deployment wants of the host: paths, accounts, addresses, settings. */
export function lookScript({ paths, accounts }: LookRequest): string {
  return [
    LOOK,
    MACHINE,
    ...paths.map((path, at) => `look ${at} ${pathWord(path)}`),
    ...accounts.filter((one) => ACCOUNT.test(one)).map((one) => `account ${quoteWord(one)}`),
  ].join('\n');
}

/** What is asked once the engine answered, as the body of a function in which `engine` is docker. */
export function lookAtEngine({ image, label }: LookRequest): string {
  const running = label && ['ps', '--filter', `label=${label.own}`, '--format', `{{.Label "${label.name}"}}`];
  return [
    'lr=$(engine info --format "{{.DockerRootDir}}" 2>/dev/null)',
    '[ -z "$lr" ] || say look_disk "engine $(df -Pk "$lr" 2>/dev/null | tail -n 1)"',
    ...(running ? [`engine ${quoteArgv(running)} 2>/dev/null | each look_running`] : []),
    ...(image === undefined
      ? []
      : [
          `if li=$(engine ${quoteArgv(['image', 'inspect', '--format', '{{.Os}} {{.Architecture}} {{.Id}}', image])} 2>&1)`,
          'then say look_image "$li"; else case $li in *o\\ such\\ image*) say look_image absent ;; esac; fi',
        ]),
  ].join('\n  ');
}

function pathWord(path: string): string {
  return path.startsWith('~/') ? `"$HOME"/${quoteWord(path.slice(2))}` : quoteWord(path);
}
