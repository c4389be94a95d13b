import type { FactsRequest } from './host.ts';
import { lookAtEngine, lookScript } from './look-script.ts';
import { PLAIN_PATH } from './run.ts';
import { quoteArgv, quoteWord } from './ssh/quote.ts';

/** The helper programs whose place is worth knowing. */
export const TOOLS = [
  'unshare',
  'setpriv',
  'nsenter',
  'mount',
  'umount',
  'pivot_root',
  'prlimit',
  'hostname',
  'perl',
  'ip',
  'bwrap',
  'sandbox-exec',
] as const;

/**
 * Where docker lies when PATH does not say so. A login by ssh without a terminal has a short PATH on Synology and macOS;
 * the absolute path found is also what a sudoers line must name.
 */
const DOCKER_PLACES = [
  '/usr/local/bin/docker',
  '/usr/bin/docker',
  '/opt/homebrew/bin/docker',
  '/Applications/OrbStack.app/Contents/MacOS/xbin/docker',
  '/Applications/Docker.app/Contents/Resources/bin/docker',
  '/var/packages/ContainerManager/target/usr/bin/docker',
  '/var/packages/Docker/target/usr/bin/docker',
  '/snap/bin/docker',
];

const NETWORK = '[{{json .Name}},{{json .Driver}},{{json .IPAM.Config}}]';

// Every line is `KEY VALUE`; a key may come more than once. All variables of a shell are global: `say` has names of its own.
const SAY = String.raw`say() { sk=$1; shift; sv=$(printf '%s' "$*" | tr '\n\r' '  '); [ -z "$sv" ] || printf '%s %s\n' "$sk" "$sv"; }`;

/** `each KEY`: every line of the input as one of KEY. */
export const EACH = String.raw`each() { while IFS= read -r l || [ -n "$l" ]; do printf '%s %s\n' "$1" "$l"; done; }`;

const MACHINE = String.raw`say time "$(date +%s.%N)"
say system "$(uname -s)"
say machine "$(uname -m)"
say kernel "$(uname -r)"
say hostname "$(uname -n)"
say uid "$(id -u)"
say gid "$(id -g)"
say user "$(id -un)"
say home "$HOME"
say ssh "$SSH_CONNECTION"
[ ! -r /proc/meminfo ] || each meminfo </proc/meminfo
[ ! -r /etc.defaults/VERSION ] || each dsm </etc.defaults/VERSION
[ ! -r /etc/ssh/sshd_config ] || grep -iE '^[[:space:]]*(AllowTcpForwarding|Subsystem|Match)[[:space:]]' /etc/ssh/sshd_config | each sshd
[ ! -r /proc/net/route ] || each route </proc/net/route
for f in /proc/net/tcp /proc/net/tcp6; do
  [ ! -r $f ] || while read -r n at to state more; do [ "$state" != 0A ] || echo "tcp $at"; done <$f
done
if [ "$(uname -s)" = Darwin ]; then
  say memsize "$(sysctl -n hw.memsize)"
  say macos "$(sw_vers -productVersion) $(sw_vers -buildVersion)"
  netstat -rn -f inet | each bsdroute
  netstat -an -p tcp | grep LISTEN | each bsdtcp
fi`;

// `limit SECONDS COMMAND...`: not every host has timeout(1), and busybox has had two forms of it.
const LIMIT = String.raw`limit() {
  n=$1; shift
  "$@" & c=$!
  ( trap 'kill $s 2>/dev/null; exit' TERM; sleep "$n" & s=$!; wait $s; kill $c; sleep 1; kill -9 $c ) >/dev/null 2>&1 & w=$!
  wait $c; r=$?
  kill $w 2>/dev/null; wait $w 2>/dev/null
  return $r
}`;

/** Finds docker (`d`) and sudo (`su`); empty where there is none. */
export const FIND_DOCKER = String.raw`d=
for p in "$(command -v docker)" ${quoteArgv(DOCKER_PLACES)} "$HOME/.orbstack/bin/docker" "$HOME/.docker/bin/docker"; do
  case $p in /*) ;; *) continue ;; esac
  if [ -x "$p" ] || [ -L "$p" ]; then d=$p; break; fi
done
su=
for p in "$(command -v sudo)" /usr/bin/sudo /usr/local/bin/sudo; do
  case $p in /*) if [ -x "$p" ]; then su=$p; break; fi ;; esac
done`;

const DOCKER = String.raw`engine() {
  if [ "$pre" = sudo ]; then limit 10 "$su" -n "$d" "$@"; else limit 10 "$d" "$@"; fi
}
try() {
  pre=$1
  v=$(engine version --format '{{json .}}' 2>/dev/null); r=$?
  if [ $r -eq 0 ]; then say docker_way "$1"; say docker_version "$v"; return 0; fi
  if [ $r -ge 128 ]; then e='it gave no answer within 10 seconds'
  else e=$(engine version --format '{{json .}}' 2>&1 >/dev/null); fi
  say "docker_$1_said" "${'$'}{e:-it ended with exit code $r}"
  return 1
}
ask() {
  if try plain; then :; else
    case $e in *ermission\ denied*|*not\ permitted*) ;; *) return ;; esac
    [ -n "$su" ] && try sudo || return
  fi
  say docker_info "$(engine info --format '{{json .}}' 2>/dev/null)"
  say docker_compose "$(engine compose version --short 2>/dev/null)"
  for p in "${'$'}{d%/*}/docker-compose" "$(command -v docker-compose)"; do
    case $p in /*) if [ -x "$p" ]; then say docker_standalone "$p $(limit 10 "$p" version --short 2>/dev/null)"; break; fi ;; esac
  done
  set -- $(engine network ls -q 2>/dev/null)
  [ $# -eq 0 ] || engine network inspect --format ${quoteWord(NETWORK)} "$@" 2>/dev/null | each docker_network
  more
}
if [ -n "$d" ]; then say docker_path "$d"; say docker_sudo "$su"; ask; fi`;

/** The one script that tells what a host is; with `docker` also what its engine is and can enforce. */
export function factsScript(ask: FactsRequest = {}): string {
  return [
    // Where PATH names a docker of the user's own, that one counts.
    `PATH=$PATH:${PLAIN_PATH}`,
    SAY,
    EACH,
    MACHINE,
    // The folder need not be there yet: its nearest parent tells.
    `f=${ask.folder === undefined ? '$HOME' : quoteWord(ask.folder)}`,
    String.raw`while [ ! -d "$f" ] && [ "$f" != / ] && [ -n "$f" ]; do f=$(dirname "$f"); done
say disk "$(df -Pk "${'$'}{f:-/}" | tail -n 1)"`,
    `for t in ${quoteArgv(TOOLS)}; do p=$(PATH=${PLAIN_PATH} command -v "$t") && say tool "$t $p"; done`,
    ...(ask.look ? [lookScript(ask.look)] : []),
    ...(ask.docker === true ? [LIMIT, `more() {\n  ${ask.look ? lookAtEngine(ask.look) : ':'}\n}`, FIND_DOCKER, DOCKER] : []),
    ':',
  ].join('\n');
}
