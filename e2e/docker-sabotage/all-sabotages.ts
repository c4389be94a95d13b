import { CONTAINER_SABOTAGES } from './container-sabotages.ts';
import type { DockerSabotage } from './docker-sabotage.ts';
import { LINK_SABOTAGES } from './link-sabotages.ts';
import { NETWORK_SABOTAGES } from './network-sabotages.ts';
import { SECRET_SABOTAGES } from './secret-sabotages.ts';
import { DOCKER_WHOLE_SABOTAGES } from './whole-sabotages.ts';

/** Every weakness that is tried on a deployment in containers. */
export const ALL_DOCKER_SABOTAGES: readonly DockerSabotage[] = [
  ...CONTAINER_SABOTAGES,
  ...NETWORK_SABOTAGES,
  ...SECRET_SABOTAGES,
  ...LINK_SABOTAGES,
  ...DOCKER_WHOLE_SABOTAGES,
];
