import { parse, stringify } from 'yaml';
import { isRecord } from '../../src/core/json.ts';
import type { ProofInput } from '../../src/checks/proof-input.ts';
import type { DockerStage } from './docker-stage.ts';

/** One control of a deployment in containers weakened, and the checks that have to notice. */
export type DockerSabotage = {
  readonly name: string;
  /** Check ids that must fail, at the service that was weakened where it is one. */
  readonly finds: readonly string[];
  /** Check ids that may fail there too, because the same weakness shows there. */
  readonly also?: readonly string[] | 'any';
  /** Likewise ids of what is no single service's: they must fail. */
  readonly wide?: readonly string[];
  /** The service that is weakened; absent: any of them. */
  readonly on?: string;
  /** Its container has to be made anew to get the weakness, or only to lose it. */
  readonly remakes?: true | 'afterwards';
  weaken(stage: DockerStage, service: string): Promise<void> | void;
  /** Takes back what writing the planned files again does not. */
  repair?(stage: DockerStage, service: string): Promise<void> | void;
};

/** A weakness of the deployment as a whole, tried alone. */
export type WholeSabotage = {
  readonly name: string;
  readonly finds: readonly string[];
  readonly also?: readonly string[] | 'any';
  /** Services whose containers have to be made anew to get the weakness and to lose it. */
  readonly remake: readonly string[];
  weaken?(stage: DockerStage): Promise<void> | void;
  /** What the proof itself gets in another form. */
  proof?(stage: DockerStage): Partial<ProofInput>;
  repair?(stage: DockerStage): Promise<void> | void;
};

export type Block = Record<string, unknown>;

/** Changes one service, or one network, in the compose file that lies there. */
export function editCompose({ edit }: DockerStage, part: 'services' | 'networks', name: string, change: (block: Block) => Block): void {
  edit('compose.yaml', (text) => {
    const document: unknown = parse(text);
    const blocks = isRecord(document) ? document[part] : undefined;
    const block = isRecord(blocks) ? blocks[name] : undefined;
    if (!isRecord(document) || !isRecord(blocks) || !isRecord(block)) throw new Error(`nothing to sabotage: no ${name} in ${part}`);
    return stringify({ ...document, [part]: { ...blocks, [name]: change(block) } });
  });
}

/** A network with a way out that the plan does not know, given to a service. */
export function addWideNetwork(stage: DockerStage, service: string): void {
  editCompose(stage, 'services', service, (block) => ({
    ...block,
    networks: { ...(isRecord(block['networks']) ? block['networks'] : {}), wide: {} },
  }));
  stage.edit('compose.yaml', (text) => text.replace(/^networks:\n/m, 'networks:\n  wide: {}\n'));
}

/** A block with something more at the end of one of its lists. */
export function withMore(block: Block, key: string, ...more: readonly unknown[]): Block {
  const list = block[key];
  return { ...block, [key]: [...(Array.isArray(list) ? list : []), ...more] };
}

/** A block without a key that must be there. */
export function without(block: Block, key: string): Block {
  if (!(key in block)) throw new Error(`nothing to sabotage: ${key} is not there any more`);
  return Object.fromEntries(Object.entries(block).filter(([one]) => one !== key));
}

/** A block without what is mounted at a place, which must be there. */
export function withoutMount(block: Block, target: string): Block {
  const { volumes } = block;
  const kept = Array.isArray(volumes) ? volumes.filter((one: unknown) => !(isRecord(one) && one['target'] === target)) : [];
  if (!Array.isArray(volumes) || kept.length === volumes.length) throw new Error(`nothing to sabotage: nothing is mounted at ${target}`);
  return { ...block, volumes: kept };
}

export const GATEWAY = 'gateway-main';
export const NODE = 'node-nas';
export const INGRESS = 'ingress-main';
export const LINK = 'link-nas';

/** A service's container. */
export function containerOf(service: string): string {
  return `lobsterpot-pot-${service}`;
}
