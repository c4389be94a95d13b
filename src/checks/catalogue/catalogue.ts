import { EXEC_ALLOWED, EXEC_POLICY, EXEC_REFUSED } from '../gateway/exec-checks.ts';
import { NO_STRANGER, NODE_ENROLLED, VERSION } from '../gateway/node-checks.ts';
import { APART } from '../host/apart.ts';
import { LOOPBACK_ONLY, NEEDS_TOKEN } from '../host/exposure.ts';
import { LINK_CHECKS } from '../links/link-checks.ts';
import { DOCKER_CHECKS } from '../docker/check-docker.ts';
import { DISK_SPACE, DISK_WATCHED } from '../host/disk.ts';
import { SECRET_FILES, STATE_FOLDERS } from '../host/file-modes.ts';
import { LOG_BOUNDS, SECRETS_IN_FILES, SECRETS_IN_PROCESSES } from '../host/leaks.ts';
import { QUESTIONS_RECORDED, RECORDED, TUNNELS_RECORDED } from '../host/recorded.ts';
import { PREFLIGHT_CHECKS } from '../preflight/all-preflight-checks.ts';
import { PROBES } from '../probes/all-probes.ts';
import { GATE_BACK, GATE_DOWN } from '../recovery/gate-trials.ts';
import { ROTATION_CHECKS } from '../rotation/rotation-checks.ts';
import type { CheckInfo } from './check-info.ts';

/** Every check of the proof, of the preflight and of a rotation, in the order of reports. docs/checks.md is made from it. */
export const CATALOGUE: readonly CheckInfo[] = [
  ...PROBES,
  APART,
  RECORDED,
  QUESTIONS_RECORDED,
  TUNNELS_RECORDED,
  SECRET_FILES,
  SECRETS_IN_FILES,
  SECRETS_IN_PROCESSES,
  STATE_FOLDERS,
  LOG_BOUNDS,
  DISK_WATCHED,
  DISK_SPACE,
  ...DOCKER_CHECKS,
  LOOPBACK_ONLY,
  NEEDS_TOKEN,
  ...LINK_CHECKS,
  EXEC_ALLOWED,
  EXEC_REFUSED,
  EXEC_POLICY,
  NODE_ENROLLED,
  NO_STRANGER,
  VERSION,
  GATE_DOWN,
  GATE_BACK,
  ...ROTATION_CHECKS,
  ...PREFLIGHT_CHECKS,
];
