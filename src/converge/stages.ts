import type { Change } from './change.ts';

/** Changes that may run at the same time: one lane a host, in order within it. */
export type Stage = readonly (readonly Change[])[];

/** The order of `up`: a number, and whether it is one piece of work whatever the host. */
const ORDER = {
  bases: 0,
  secrets: 1,
  files: 2,
  links: 3,
  gateways: 4,
  nodes: 5,
  farewells: 6,
} as const;

/** Those of one service of the operator's own store, or of one gateway's lists, do not run beside each other. */
const ONE_LANE: ReadonlySet<number> = new Set([ORDER.secrets, ORDER.links, ORDER.farewells]);

/** The stage that a change belongs to; hosts are side by side within one and wait for each other between two. Pure. */
export function stageOf(change: Change): number {
  switch (change.kind) {
    case 'install-runtime':
    case 'pull-image':
      return ORDER.bases;
    case 'generate-secret':
      return ORDER.secrets;
    case 'stop-service':
    case 'make-folder':
    case 'write-file':
    case 'place-secret':
    case 'withdraw-secret':
      return ORDER.files;
    case 'authorise-link':
      return ORDER.links;
    case 'start-service':
      // A tunnel needs the gateway's host to let it in, a node needs its gateway.
      return /^(link|node)-/.test(change.service) ? ORDER.nodes : ORDER.gateways;
    case 'enrol-node':
    case 'set-exec-policy':
      return ORDER.nodes;
    case 'withdraw-link':
    case 'forget-node':
    case 'forget-device':
    case 'leave-host':
      return ORDER.farewells;
  }
}

/** Sorts changes into the order in which they run; what is in one stage of one host stays as it was. Pure. */
export function inOrder(changes: readonly Change[]): readonly Change[] {
  return changes.toSorted((a, b) => stageOf(a) - stageOf(b));
}

/** The stages of a plan, each with its lanes. Pure. */
export function stagesOf(changes: readonly Change[]): readonly Stage[] {
  const numbers = [...new Set(changes.map(stageOf))].toSorted((a, b) => a - b);
  return numbers.map((number) => {
    const here = changes.filter((change) => stageOf(change) === number);
    return ONE_LANE.has(number) ? [here] : [...Map.groupBy(here, (change) => change.host).values()];
  });
}

/**
 * Runs the lanes of one stage side by side. After a failure no lane begins another change; what had begun is waited for,
 * and the first failure is thrown.
 */
export async function runStage(stage: Stage, run: (change: Change) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  await Promise.all(
    stage.map(async (lane) => {
      for (const change of lane) {
        if (failures.length > 0) return;
        try {
          await run(change);
        } catch (error) {
          failures.push(error);
        }
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
}
