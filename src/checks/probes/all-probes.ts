import { DIRECT_PROBES } from './direct-probes.ts';
import { FILE_PROBES } from './file-probes.ts';
import { FORWARDER_PROBES } from './forwarder-probe.ts';
import { GATE_NAME_PROBES } from './gate-name-probes.ts';
import { GATE_PROBES } from './gate-probes.ts';
import { NAME_PROBES } from './name-probes.ts';
import { NETWORK_PROBES } from './network-probes.ts';
import type { Probe } from './probe.ts';
import { PROCESS_PROBES } from './process-probes.ts';
import { SECRET_PROBES } from './secret-probes.ts';
import { TUNNEL_PROBES } from './tunnel-probes.ts';

/** Every probe that is tried inside services, in the order of reports. */
export const PROBES: readonly Probe[] = [
  ...DIRECT_PROBES,
  ...NETWORK_PROBES,
  ...NAME_PROBES,
  ...GATE_NAME_PROBES,
  ...GATE_PROBES,
  ...TUNNEL_PROBES,
  ...FILE_PROBES,
  ...PROCESS_PROBES,
  ...FORWARDER_PROBES,
  ...SECRET_PROBES,
];
