import type { RunResult } from '../../hosts/host.ts';

/** Why a command could not be contained; `step` is where in the chain it stopped. */
export type ChainFailure = { readonly step: string; readonly cause: string; readonly fix: string };

const DOCKER = 'run lobsterpot on the host itself instead of inside a container';

/** Reads the end of a chain whose command should have said nothing and ended with 0; undefined when it did. Pure. */
export function explainChain(result: RunResult): ChainFailure | undefined {
  if (result.code === 0 && !result.timedOut) return undefined;
  const said = lastLines(result.stderr);
  if (result.timedOut)
    return {
      step: 'time limit',
      cause: 'the chain did not end in time',
      fix: 'look at the load of the machine (uptime), then run: lobsterpot up',
    };
  const missing = missingTool(result);
  if (missing !== undefined) return missing;
  const step = /lobsterpot: step ([a-z-]+)/.exec(result.stderr)?.[1];
  if (/unshare failed: No space left on device/.test(result.stderr)) {
    return {
      step: 'user namespace',
      cause: 'this kernel allows no more user namespaces (user.max_user_namespaces)',
      fix: 'sudo sysctl -w user.max_user_namespaces=15000',
    };
  }
  if (/write failed \/proc\/self\/(uid|gid)_map/.test(result.stderr)) {
    return {
      step: 'user namespace map',
      cause: `a user namespace can be made but no identity can be put into it: ${said}`,
      fix: 'on Ubuntu: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 ; in a container: ' + DOCKER,
    };
  }
  if (/unshare failed: /.test(result.stderr)) {
    return {
      step: 'namespaces',
      cause: `the system refuses new namespaces (a container's seccomp profile, or kernel.unprivileged_userns_clone=0): ${said}`,
      fix: `sudo sysctl -w kernel.unprivileged_userns_clone=1 ; in a container: ${DOCKER}`,
    };
  }
  if (step === 'mount-proc') {
    return {
      step,
      cause: `a /proc of its own is refused, as in a container whose /proc is partly masked: ${said}`,
      fix: DOCKER,
    };
  }
  if (step === 'read-only') {
    return {
      step,
      cause: `a folder of this host would stay writable inside, or cannot be mounted anew: ${said}`,
      fix: 'look at what is mounted below /usr: findmnt --submounts /usr ; unmount it, then run: lobsterpot up',
    };
  }
  if (step === 'seal') {
    return { step: 'syscall filter', cause: said, fix: 'check that the kernel has CONFIG_SECCOMP_FILTER: zgrep SECCOMP /proc/config.gz' };
  }
  return {
    step: step ?? 'unknown',
    cause: said === '' ? `exit code ${result.code ?? result.signal}` : said,
    fix: 'try it by hand (unshare --user --map-root-user --mount --pid --net --fork true), or use another machine, then run: lobsterpot up',
  };
}

const PACKAGES: Readonly<Record<string, string>> = {
  perl: 'perl-base',
  setpriv: 'util-linux',
  unshare: 'util-linux',
  prlimit: 'util-linux',
  pivot_root: 'util-linux',
  hostname: 'hostname',
};

function missingTool(result: RunResult): ChainFailure | undefined {
  const text = result.stderr;
  const name =
    /(?:failed to execute|cannot execute|can't execute) '?(?:\/\S*\/)?([a-z_]+)'?: No such file/.exec(text)?.[1] ??
    /spawn (?:\/\S*\/)?([a-z_]+) ENOENT/.exec(text)?.[1] ??
    /\b([a-z_]+): (?:command )?not found/.exec(text)?.[1];
  if (name === undefined) return undefined;
  const found = PACKAGES[name];
  const why = name === 'perl' ? ' (it loads the syscall filter; without it a service could reach what namespaces do not cover)' : '';
  return {
    step: `tool ${name}`,
    cause: `the program ${name} is not installed${why}`,
    fix: `install it, e.g.: sudo apt-get install ${found ?? name}`,
  };
}

function lastLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-2)
    .join(' / ')
    .slice(0, 400);
}
