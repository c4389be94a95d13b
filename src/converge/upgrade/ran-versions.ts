import { join } from 'node:path';

import { z } from 'zod';

import { stableJson } from '../../core/json.ts';
import { Problem } from '../../core/problem.ts';
import { targetsOf, type Target } from '../backup/targets.ts';
import { recordsOf, siteOf, type Engine } from '../engine.ts';
import { reasonLine } from '../reason-line.ts';

const schema = z.strictObject({ version: z.literal(1), services: z.record(z.string(), z.string()) });

/**
 * Service -> the newest OpenClaw that may have touched its state; a service without a state is not in it. Written before a version is
 * started: whatever is cut off later, a state is never given to an older one.
 */
export async function readRan(engine: Engine): Promise<ReadonlyMap<string, string>> {
  const targets = targetsOf(engine.deployment);
  const known = await readKnown(engine);
  const read = await Promise.all(
    targets.map(async (target): Promise<readonly (readonly [string, string])[]> => {
      const version = known?.[target.service] ?? (await fromSpecification(engine, target));
      return version === undefined ? [] : [[target.service, version]];
    }),
  );
  return new Map(read.flat());
}

/** Notes what the states were, or are about to be, run with. */
export async function writeRan({ local, root }: Engine, ran: ReadonlyMap<string, string>): Promise<void> {
  await local.makeFolder(root, { mode: 0o700 });
  await local.write(pathOf(root), stableJson({ version: 1, services: Object.fromEntries(ran) }), { mode: 0o600 });
}

/** Notes that the file's version is about to run every service. */
export async function noteStart(engine: Engine): Promise<void> {
  await writeRan(engine, new Map(targetsOf(engine.deployment).map(({ service }) => [service, engine.deployment.openclaw])));
}

async function readKnown({ local, root }: Engine): Promise<Readonly<Record<string, string>> | undefined> {
  const content = await local.read(pathOf(root));
  if (!content) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(content).toString('utf8'))).services;
  } catch (error) {
    throw new Problem('upgrade/versions', 'it is not known any more which OpenClaw ran here', {
      cause: `${pathOf(root)} is damaged: ${reasonLine(error)}`,
      fix: `rm ${pathOf(root)} ; then run the command again: it is found out anew`,
      from: error,
    });
  }
}

/** Do the files of a service still ask for this version? Then no other one was started on its state since. */
export async function isFiledAs(engine: Engine, target: Target, version: string): Promise<boolean> {
  return (await fromSpecification(engine, target)) === version;
}

/** What was brought up before this was noted: the installed version that a process is run from, the one in a container's image. */
async function fromSpecification(engine: Engine, target: Target): Promise<string | undefined> {
  const site = await siteOf(engine, target);
  const inImage = (await recordsOf(engine)).hosts[target.host]?.image?.openclaw;
  // Without an image the files of its host cannot be reached, and nothing ran.
  if (site.kind !== 'process' && inImage === undefined) return undefined;
  const content = await site.host.read(join(site.root, 'services', target.service, 'spec.json'));
  if (!content) return undefined;
  return site.kind === 'process' ? /openclaw-(20\d{2}\.\d{1,2}\.\d{1,3})-/.exec(Buffer.from(content).toString('utf8'))?.[1] : inImage;
}

function pathOf(root: string): string {
  return join(root, 'versions.json');
}
