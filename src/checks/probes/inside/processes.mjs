/* global kinds, runProgram, succeeded */
// Processes: what is visible, with which rights they run, and which programs can be started.
{
  const fs = await import('node:fs/promises');

  const maybe = (promise) => promise.catch(() => undefined);
  const table = (text, pattern) =>
    Object.fromEntries(
      (text ?? '')
        .split('\n')
        .map((line) => pattern.exec(line))
        .filter(Boolean)
        .map((match) => [match[1], match[2].trim()]),
    );

  const factsOf = async (pid) => {
    const [status, limits, argv, environ] = await Promise.all(
      ['status', 'limits', 'cmdline', 'environ'].map((file) => maybe(fs.readFile(`/proc/${pid}/${file}`, 'utf8'))),
    );
    if (status === undefined) return undefined;
    const all = table(status, /^(\w+):\s*(.*)$/);
    const wanted = ['Uid', 'Gid', 'PPid', 'State', 'CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp'];
    return {
      pid: Number(pid),
      name: all.Name ?? '',
      argv: argv?.split('\0').filter((part) => part !== ''),
      environ,
      status: Object.fromEntries(wanted.filter((key) => key in all).map((key) => [key, all[key]])),
      limits: table(limits, /^(Max (?:processes|open files|file size|core file size)) {2,}(\S+)/),
    };
  };

  kinds.processes = async () => {
    const pids = (await fs.readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const kindsOfNamespace = ['net', 'mnt', 'pid', 'ipc', 'uts', 'user', 'cgroup'];
    const namespaces = await Promise.all(
      kindsOfNamespace.map(async (kind) => [kind, (await maybe(fs.readlink(`/proc/self/ns/${kind}`))) ?? '']),
    );
    return {
      ...succeeded('read'),
      self: {
        pid: process.pid,
        procSelf: (await maybe(fs.readlink('/proc/self'))) ?? '',
        namespaces: Object.fromEntries(namespaces),
        mounts: ((await maybe(fs.readFile('/proc/self/mountinfo', 'utf8'))) ?? '').split('\n').filter(Boolean),
      },
      processes: (await Promise.all(pids.map(factsOf))).filter(Boolean),
    };
  };

  kinds.run = ({ argv }) => runProgram(argv);
}
