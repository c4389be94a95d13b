import type { CheckInfo } from '../catalogue/check-info.ts';

const check = <const T extends Omit<CheckInfo, 'from'>>(info: T): T & { readonly from: 'preflight' } => ({ ...info, from: 'preflight' });

export const PLATFORM = check({
  id: 'preflight.platform',
  title: 'this system can run it',
  severity: 'critical',
  tries: 'reading system and processor',
  sabotage: 'another platform',
});
export const TOOLS = check({
  id: 'preflight.tools',
  title: 'the programs that contain a service are installed',
  severity: 'critical',
  tries: 'looking for unshare, nsenter, setpriv, prlimit, mount and perl',
  sabotage: 'a program is missing',
});
export const CHAIN = check({
  id: 'preflight.containment',
  title: 'this system lets a service be contained',
  severity: 'critical',
  tries: 'running /bin/true through every step of the containment',
  sabotage: 'user namespaces are refused',
});
export const PORTS = check({
  id: 'preflight.ports',
  title: 'the ports to publish are free',
  severity: 'critical',
  tries: 'listening on each port for a moment',
  sabotage: 'another program has the port',
});
export const DISK = check({
  id: 'preflight.disk',
  title: 'there is room on the disk',
  severity: 'critical',
  tries: 'reading the free space of the data folder',
  sabotage: 'the disk is full',
});
export const MEMORY = check({
  id: 'preflight.memory',
  title: 'there is memory for all services',
  severity: 'high',
  tries: 'comparing the memory of the host with what gateway and node need at least',
  sabotage: 'a small machine',
});
export const STATE_OWNER = check({
  id: 'preflight.state-folder',
  title: "the deployment's folder is ours and closed to others",
  severity: 'critical',
  tries: 'reading kind, owner and mode of the folder',
  sabotage: 'the folder belongs to another user',
});
export const IDENTITIES = check({
  id: 'preflight.identities',
  title: "no user of this system has a service's number",
  severity: 'critical',
  tries: 'comparing the numbers of the services with /etc/passwd',
  sabotage: 'a user has the number of a service',
});

/** What is looked at on this machine before local processes are run on it. */
export const PROCESS_CHECKS: readonly CheckInfo[] = [PLATFORM, TOOLS, CHAIN, PORTS, DISK, MEMORY, STATE_OWNER, IDENTITIES];
