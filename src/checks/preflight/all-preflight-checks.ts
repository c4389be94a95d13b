import type { CheckInfo } from '../catalogue/check-info.ts';
import { HOST_CHECKS, REACHABLE } from './host/all-host-checks.ts';
import { PROCESS_CHECKS } from './preflight-checks.ts';

const known = new Set(PROCESS_CHECKS.map(({ id }) => id));

/** What is looked at before anything is changed, each check once: some are made in one way here and in another through an engine. */
export const PREFLIGHT_CHECKS: readonly CheckInfo[] = [...PROCESS_CHECKS, REACHABLE, ...HOST_CHECKS.filter(({ id }) => !known.has(id))];
