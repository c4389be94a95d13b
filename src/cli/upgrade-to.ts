import { readFile, realpath, stat } from 'node:fs/promises';

import { judgeVersion } from '../converge/upgrade/judge-version.ts';
import { editVersion, type VersionEdit } from '../converge/upgrade/edit-version.ts';
import { readMove } from '../converge/upgrade/move-note.ts';
import { readRan } from '../converge/upgrade/ran-versions.ts';
import { recordsOf, type Engine } from '../converge/engine.ts';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import { plainText } from '../core/plain-text.ts';
import { Problem } from '../core/problem.ts';
import { adviseVersion } from '../openclaw/versions.ts';
import { SUPPORTED_OPENCLAW } from '../topology/schema.ts';
import { bringUp } from './bring-up.ts';
import { openContext } from './context.ts';
import type { Io } from './io.ts';

/** What `upgrade` was asked for beside the version. */
export type UpgradeOptions = {
  readonly file?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly accept?: string;
  readonly image?: string;
};

/** `upgrade`: writes the version into the file and does what `up` does with such a file; when that fails, the file is as before too. */
export async function upgradeTo(io: Io, version: string, options: UpgradeOptions): Promise<ExitCode> {
  const { engine } = await openContext(io, options.file, true);
  const { from } = await refuseAtOnce(engine, version, options);
  const edit = { openclaw: version, ...(options.image === undefined ? {} : { image: options.image }) };
  return withEdited(
    engine,
    (text) => editVersion(text, edit),
    () => bringUp(io, { ...options, file: engine.file, prove: true, command: `lobsterpot upgrade ${version}` }),
    // A run that was cut off has edited it already.
    engine.deployment.openclaw === version && from !== undefined ? (text) => editVersion(text, from) : undefined,
  );
}

/**
 * Does something with an edited file; when that throws, the file of before is back, or what `undo` makes of it. Comments and everything
 * else in it stay.
 */
export async function withEdited<T>(
  engine: Engine,
  edit: (text: string) => string,
  work: () => Promise<T>,
  undo: (text: string) => string = (text) => text,
): Promise<T> {
  const { local } = engine;
  // Written in one step, which would put a file in the place of a link.
  const path = await realpath(engine.file);
  const [before, { mode, uid, gid }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
  const write = (text: string): Promise<void> => local.write(path, text, { mode: mode & 0o777, owner: { uid, gid } });
  await write(edit(before));
  try {
    return await work();
  } catch (failure) {
    await write(undo(before));
    throw failure;
  }
}

/** What can be told before the file is touched; gives what the states were run with before, where that is an older one. */
async function refuseAtOnce(engine: Engine, version: string, options: UpgradeOptions): Promise<{ readonly from?: VersionEdit }> {
  const advice = adviseVersion(version);
  if (advice.verdict === 'refuse') {
    throw new Problem('upgrade/refused', plainText(advice.message, 300), {
      cause: 'what is known of it is in lobsterpot itself',
      fix: `lobsterpot upgrade ${SUPPORTED_OPENCLAW[0]}`,
      exit: EXIT.usage,
    });
  }
  if (!SUPPORTED_OPENCLAW.some((one) => one === version)) {
    throw new Problem('upgrade/refused', `this lobsterpot does not know OpenClaw ${version}`, {
      cause: `it runs ${SUPPORTED_OPENCLAW.join(', ')}; your file is untouched`,
      fix: `lobsterpot upgrade ${SUPPORTED_OPENCLAW[0]} , or take a newer lobsterpot`,
      exit: EXIT.usage,
    });
  }
  const { deployment } = engine;
  const [ran, cutOff, { hosts }] = await Promise.all([readRan(engine), readMove(engine), recordsOf(engine)]);
  const move = judgeVersion(ran, version, cutOff);
  if (move.kind === 'down') {
    throw new Problem('upgrade/lower', `OpenClaw ${version} is older than the ${move.from} that runs`, {
      cause: `its state cannot be read by ${version}`,
      fix: `go back with the state of then: lobsterpot restore --openclaw ${version}`,
      exit: EXIT.usage,
    });
  }
  const hasContainers = [...deployment.gateways, ...deployment.nodes].some((one) => one.runtime === 'docker');
  const isOfMakers = deployment.image === `ghcr.io/openclaw/openclaw:${deployment.openclaw}`;
  if (hasContainers && !isOfMakers && options.image === undefined && version !== deployment.openclaw) {
    throw new Problem('upgrade/image', `which image holds OpenClaw ${version}?`, {
      cause: `the file names the image ${deployment.image}, which holds ${deployment.openclaw}`,
      fix: `lobsterpot upgrade ${version} --image NAME:TAG`,
      exit: EXIT.usage,
    });
  }
  if (move.kind !== 'up') return {};
  const images = Object.values(cutOff?.hosts ?? hosts).flatMap(({ image }) => (image?.openclaw === move.from ? [image.asked] : []));
  return { from: { openclaw: move.from, ...(isOfMakers || images[0] === undefined ? {} : { image: images[0] }) } };
}
