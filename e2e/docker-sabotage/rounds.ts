import { GATEWAY, INGRESS, LINK, NODE, type DockerSabotage } from './docker-sabotage.ts';

/** A sabotage and the service that it is done to. */
export type Placed = { readonly sabotage: DockerSabotage; readonly service: string };

const SERVICES = [LINK, INGRESS, GATEWAY, NODE] as const;

/**
 * Puts sabotages together that are told apart by the service at which they show, so that one proof judges several: each at a service of
 * its own, and no two that show at what is no single service's.
 */
export function roundsOf(sabotages: readonly DockerSabotage[]): readonly (readonly Placed[])[] {
  const rounds: Placed[][] = [];
  // Those that need a certain service first: the others take what is left.
  for (const sabotage of sabotages.toSorted((a, b) => Number(b.on !== undefined) - Number(a.on !== undefined))) {
    const place = rounds.flatMap((round) => {
      const service = freeIn(round, sabotage);
      return service === undefined ? [] : [{ round, service }];
    })[0];
    if (place) place.round.push({ sabotage, service: place.service });
    else rounds.push([{ sabotage, service: sabotage.on ?? SERVICES[0] }]);
  }
  return rounds;
}

function freeIn(round: readonly Placed[], sabotage: DockerSabotage): string | undefined {
  const wide = new Set(sabotage.wide);
  if (round.some((one) => one.sabotage.wide?.some((id) => wide.has(id)) === true)) return undefined;
  const taken = new Set(round.map(({ service }) => service));
  const wanted = sabotage.on === undefined ? SERVICES : [sabotage.on];
  return wanted.find((service) => !taken.has(service));
}
