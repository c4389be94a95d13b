import { CONTAINER_SABOTAGES } from './container-sabotages.ts';
import type { DockerSabotage, WholeSabotage } from './docker-sabotage.ts';
import { LINK_SABOTAGES } from './link-sabotages.ts';
import { NETWORK_SABOTAGES } from './network-sabotages.ts';
import { SECRET_SABOTAGES } from './secret-sabotages.ts';
import { DOCKER_WHOLE_SABOTAGES } from './whole-sabotages.ts';

/** Those of one service each, which are tried several at a time. */
export const PLACED_SABOTAGES: readonly DockerSabotage[] = [...CONTAINER_SABOTAGES, ...SECRET_SABOTAGES];

/** Those that are tried one by one. */
export const SINGLE_SABOTAGES: readonly WholeSabotage[] = [...NETWORK_SABOTAGES, ...LINK_SABOTAGES, ...DOCKER_WHOLE_SABOTAGES];

/** Every weakness that is tried on a deployment in containers, with all that must be found. */
export const ALL_DOCKER_SABOTAGES: readonly { readonly name: string; readonly finds: readonly string[] }[] = [
  ...PLACED_SABOTAGES.map(({ name, finds, wide = [] }) => ({ name, finds: [...finds, ...wide] })),
  ...SINGLE_SABOTAGES,
];
