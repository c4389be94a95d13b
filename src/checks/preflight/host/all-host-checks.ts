import type { CheckInfo } from '../../catalogue/check-info.ts';
import { ENGINE_CHECKS } from './engine-checks.ts';
import { FOLDER_CHECKS } from './folder-checks.ts';
import type { HostCheck } from './host-check.ts';
import { IMAGE_CHECKS } from './image-checks.ts';
import { LIMIT_CHECKS } from './limit-checks.ts';
import { LINK_HOST_CHECKS } from './link-checks.ts';
import { MAC_CHECKS } from './mac-checks.ts';
import { NETWORK_CHECKS } from './network-checks.ts';
import { ROOM_CHECKS } from './room-checks.ts';
import { SYNOLOGY_CHECKS } from './synology-checks.ts';
import { SYSTEM_CHECKS } from './system-checks.ts';

/** Whether it answers at all; without an answer nothing else can be judged. */
export const REACHABLE: CheckInfo = {
  id: 'preflight.reachable',
  title: 'the host answers',
  severity: 'critical',
  tries: 'running the one script that reads everything, over ssh where it is another machine',
  from: 'preflight',
  sabotage: 'the host does not answer',
};

/** Everything that is judged from one reading of a host. */
export const HOST_CHECKS: readonly HostCheck[] = [
  ...SYSTEM_CHECKS,
  ...SYNOLOGY_CHECKS,
  ...MAC_CHECKS,
  ...ENGINE_CHECKS,
  ...LIMIT_CHECKS,
  ...ROOM_CHECKS,
  ...IMAGE_CHECKS,
  ...FOLDER_CHECKS,
  ...NETWORK_CHECKS,
  ...LINK_HOST_CHECKS,
];
