import { FLOOR_MIB } from '../judge-preflight.ts';
import { DISK, MEMORY } from '../preflight-checks.ts';
import { containerCheck, engineCheck, fine, gap, unseen, wrong, type HostCheck, type Verdict } from './host-check.ts';
import type { Service } from '../../../services/service.ts';

const LEAST_DISK_MIB = 5120;
const STORAGE = ['overlay2', 'overlayfs', 'btrfs', 'zfs', 'fuse-overlayfs', 'aufs'];
const MIB = 1024 ** 2;
const CLEAR = 'make room there (docker system df ; df -h), or set dir of that host to a folder on another disk';

const disk = containerCheck(DISK, ({ asked, look }) => {
  const seen = look.paths.get(asked.root)?.disk;
  return seen === undefined
    ? unseen(`the disk of ${asked.root} was not told`, `look there: df -h ${asked.root}`)
    : room(seen.freeMiB, seen.mountedAt);
});

const engineDisk = engineCheck(
  {
    id: 'preflight.docker-disk',
    title: 'there is room where the engine keeps images',
    severity: 'high',
    tries: "reading the free space of the engine's data folder",
    sabotage: "the engine's disk is full",
  },
  ({ info }, { look, facts }) => {
    if (look.engineDisk) return room(look.engineDisk.freeMiB, look.engineDisk.mountedAt);
    return facts.platform === 'darwin'
      ? unseen(
          "the engine's disk lies in its virtual machine",
          "look at it: docker system df ; and at the size of the disk in the app's settings (Resources)",
        )
      : unseen(`the disk of ${info.DockerRootDir || 'the engine'} was not told`, `look there: sudo df -h ${info.DockerRootDir}`);
  },
);

const memory = engineCheck(MEMORY, ({ info }, { asked }) => {
  const has = Math.floor(info.MemTotal / MIB);
  const needed = leastOf(asked.services);
  if (has === 0) return unseen('the engine did not tell how much memory it has', 'look there: docker info');
  return has >= needed
    ? fine(`${has} MiB, ${needed} MiB needed at least`)
    : wrong(
        `${has} MiB, and the services need ${needed} MiB at least`,
        'put a node or a gateway on another host; on a Mac: give the virtual machine more memory in the settings of the app (Resources)',
      );
});

const memoryFree = containerCheck(
  {
    id: 'preflight.memory-free',
    title: 'enough memory is free for what does not run yet',
    severity: 'medium',
    tries: 'comparing MemAvailable with what the services that do not run need at least',
    sabotage: 'other programs have the memory',
  },
  ({ asked, facts, look }) => {
    const needed = leastOf(asked.services.filter((one) => !look.running.has(one.name)));
    if (needed === 0) return fine('all of them run');
    if (facts.availableMiB === undefined) {
      // The virtual machine of a Mac's engine takes its memory as a whole.
      return facts.platform === 'darwin' ? undefined : unseen('the free memory was not told', 'look there: free -m');
    }
    return facts.availableMiB >= needed
      ? fine(`${facts.availableMiB} MiB are free, ${needed} MiB needed`)
      : wrong(
          `${facts.availableMiB} MiB are free, and ${needed} MiB are needed`,
          'end other programs there (DSM: Resource Monitor > Task Manager), or put a service on another host',
        );
  },
);

const memoryLimits = engineCheck(
  {
    id: 'preflight.memory-limits',
    title: 'all services at their limits leave the host alive',
    severity: 'low',
    tries: 'comparing the sum of the memory limits with the memory',
    sabotage: 'limits beyond the memory',
  },
  ({ info }, { asked }) => {
    const most = asked.services.reduce((sum, one) => sum + one.limits.memoryMiB, 0);
    const has = Math.floor(info.MemTotal / MIB);
    return most <= has
      ? fine(`${most} MiB of ${has} MiB`)
      : gap(
          `the limits add up to ${most} MiB of ${has} MiB: all of them together can use up the host`,
          'put a node or a gateway on another host, or add memory',
        );
  },
);

const cpus = engineCheck(
  {
    id: 'preflight.processors',
    title: 'one processor is left to the host',
    severity: 'low',
    tries: 'reading NCPU of docker info',
    sabotage: 'a single processor',
  },
  ({ info: { NCPU } }) =>
    NCPU >= 2
      ? fine(`${NCPU}`)
      : gap(
          'one processor: a service that is busy keeps the host waiting',
          'use a host (or a virtual machine) with two processors or more',
        ),
);

const storage = engineCheck(
  {
    id: 'preflight.storage-driver',
    title: 'images are kept in layers',
    severity: 'medium',
    tries: 'reading Driver of docker info',
    sabotage: 'the storage driver vfs',
  },
  ({ info: { Driver } }) => {
    if (Driver === '') return unseen('the engine did not tell its storage driver', 'look there: docker info');
    return STORAGE.includes(Driver)
      ? fine(Driver)
      : wrong(
          `${Driver} ${Driver === 'vfs' ? 'copies the whole image for each container' : 'was never tried'}`,
          'set "storage-driver": "overlay2" in /etc/docker/daemon.json there, and start docker anew',
        );
  },
);

const log = engineCheck(
  {
    id: 'preflight.log-driver',
    title: 'logs can be kept in files of a bounded size',
    severity: 'high',
    tries: 'reading LoggingDriver and the log drivers of docker info',
    sabotage: 'no json-file log driver',
  },
  ({ info: { LoggingDriver, Plugins } }) => {
    const known = Plugins?.Log ?? undefined;
    if (known && !known.includes('json-file'))
      return wrong(
        `the engine has no log driver json-file (it has ${known.join(', ')})`,
        "use Docker's own engine there: DSM: Package Center > Container Manager",
      );
    if (LoggingDriver === 'json-file') return fine('json-file');
    if (!known)
      return unseen(
        `the default is ${LoggingDriver || 'unknown'}, and the engine does not tell its log drivers`,
        'nothing to do: services ask for json-file, and lobsterpot up says when they cannot have it',
      );
    return fine(`the default is ${LoggingDriver}; services get json-file with a bound of their own`);
  },
);

/** Room, memory and how the engine keeps things. */
export const ROOM_CHECKS: readonly HostCheck[] = [disk, engineDisk, memory, memoryFree, memoryLimits, cpus, storage, log];

function leastOf(services: readonly Service[]): number {
  return services.reduce((sum, one) => sum + FLOOR_MIB[one.role], 0);
}

function room(freeMiB: number, at: string): Verdict {
  const told = `${(freeMiB / 1024).toFixed(1)} GiB free on ${at}`;
  return freeMiB >= LEAST_DISK_MIB ? fine(told) : wrong(`${told}, and ${LEAST_DISK_MIB / 1024} GiB are the least`, CLEAR);
}
