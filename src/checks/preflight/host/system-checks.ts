import { formatDuration } from '../../../core/duration.ts';
import type { HostFacts } from '../../../hosts/host.ts';
import { kernelWorkarounds } from '../../../openclaw/kernel-workarounds.ts';
import { PLATFORM } from '../preflight-checks.ts';
import { containerCheck, fine, gap, hostCheck, unseen, wrong, type HostCheck, type Seen, type Verdict } from './host-check.ts';
import { isAtLeast } from './version.ts';

const OFF_MS = 5000;
const FAR_OFF_MS = 60_000;
const OLDEST_KERNEL = [4, 4];

const platform = containerCheck(PLATFORM, ({ facts }) =>
  (facts.platform === 'linux' || facts.platform === 'darwin') && facts.arch !== 'other'
    ? fine(`${facts.platform} ${facts.arch}`)
    : wrong(`${facts.platform} on ${facts.arch} is not supported`, 'use a Linux host or a Mac, with an x86-64 or arm64 processor'),
);

const kernel = containerCheck(
  {
    id: 'preflight.kernel',
    title: 'the kernel is one that OpenClaw runs on',
    severity: 'high',
    tries: "reading the version of the engine's kernel",
    sabotage: 'a kernel older than 4.4',
  },
  (seen) => {
    const version = kernelOf(seen);
    const isOk = isAtLeast(version, OLDEST_KERNEL);
    if (isOk === undefined) return unseen(`the kernel says ${JSON.stringify(version)}`, 'look there: uname -r');
    return isOk
      ? fine(version)
      : wrong(`kernel ${version}, and 4.4 is the oldest that was tried`, 'update the system of that host, or use another one');
  },
);

const openat2 = containerCheck(
  {
    id: 'preflight.openat2',
    title: 'the kernel has openat2, which OpenClaw opens files with',
    severity: 'low',
    tries: 'comparing the version of the kernel with the first that has it',
    sabotage: 'a kernel without openat2',
  },
  (seen) => {
    const version = kernelOf(seen);
    const set = Object.entries(kernelWorkarounds({ openclaw: seen.asked.openclaw, kernel: version })).map(
      ([name, value]) => `${name}=${value}`,
    );
    if (!seen.asked.services.some((one) => one.role === 'gateway')) return fine('no gateway here needs it');
    return set.length === 0
      ? fine(`kernel ${version}`)
      : gap(
          `kernel ${version} has no openat2: gateways run with ${set.join(' ')}, without OpenClaw's own guard against links in paths`,
          'nothing to do; a host with kernel 5.6 or newer has it',
        );
  },
);

const clock = hostCheck(
  {
    id: 'preflight.clock',
    title: 'the clock is right to the minute',
    severity: 'high',
    tries: "comparing the host's clock with this machine's",
    sabotage: 'a clock ten minutes off',
  },
  ({ facts, asked }) =>
    judgeClock(facts, asked.isLocal, FAR_OFF_MS, 'certificates are judged by it, and what is allowed for a time ends at another one'),
);

const clockExact = hostCheck(
  {
    id: 'preflight.clock-exact',
    title: 'the clock is right to five seconds',
    severity: 'low',
    tries: "comparing the host's clock with this machine's",
    sabotage: 'a clock eight seconds off',
  },
  ({ facts, asked }) => {
    const off = Math.abs(facts.clockSkewMs ?? 0);
    // A clock that is far off is told once.
    return off > FAR_OFF_MS ? undefined : judgeClock(facts, asked.isLocal, OFF_MS, 'times in the trails of two hosts cannot be compared');
  },
);

const route = hostCheck(
  {
    id: 'preflight.default-route',
    title: 'there is a way to the internet',
    severity: 'medium',
    tries: 'looking for a default route',
    sabotage: 'no default route',
  },
  ({ facts: { routes } }) => {
    if (!routes || routes.length === 0) return unseen('no route could be read', 'look there: ip route, or on a Mac: netstat -rn');
    return routes.some((one) => one.subnet === '0.0.0.0/0')
      ? fine('there is a default route')
      : wrong(
          'no default route: nothing that the policy allows can be reached from here',
          'set a gateway there (DSM: Control Panel > Network > General; Mac: System Settings > Network)',
        );
  },
);

/** What every host is asked, whatever it is. */
export const SYSTEM_CHECKS: readonly HostCheck[] = [platform, kernel, openat2, clock, clockExact, route];

/** The kernel that containers run on: on a Mac, that of the engine's virtual machine. */
export function kernelOf({ facts }: Seen): string {
  return facts.platform === 'darwin' && facts.docker?.kind === 'ready' ? facts.docker.info.KernelVersion : facts.kernel;
}

function judgeClock(facts: HostFacts, isLocal: boolean, mostMs: number, harm: string): Verdict | undefined {
  const { clockSkewMs: skew, dsm, macos } = facts;
  if (isLocal) return undefined;
  if (skew === undefined) return unseen('the host did not tell the time', 'compare them: date -u, here and there');
  const told = `${formatDuration(Math.abs(skew))} ${skew < 0 ? 'behind' : 'ahead of'} this machine`;
  if (Math.abs(skew) <= mostMs) return fine(Math.abs(skew) < 1000 ? 'the same as here' : told);
  const where = dsm
    ? 'DSM: Control Panel > Regional Options > Time > Synchronize with NTP server'
    : macos
      ? 'System Settings > General > Date & Time > Set automatically'
      : 'sudo timedatectl set-ntp true';
  return wrong(`the clock is ${told}: ${harm}`, `set the wrong one by NTP: ${where}`);
}
