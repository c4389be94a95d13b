import { EXIT } from '../../core/exit-code.ts';
import { Problem } from '../../core/problem.ts';
import { pinnedLock } from '../../openclaw/install/pinned-lock.ts';
import { kernelWorkarounds } from '../../openclaw/kernel-workarounds.ts';
import { adviseVersion } from '../../openclaw/versions.ts';
import type { RuntimeKind } from '../../topology/deployment.ts';
import type { PinnedImage } from '../site.ts';

/** One host, as far as a version concerns it. */
export type HostOfVersion = {
  readonly name: string;
  readonly kind: RuntimeKind;
  readonly kernel: string;
  /** What was pinned for it last. */
  readonly image?: PinnedImage;
};

/**
 * Refuses a version before anything is touched: one with known holes, one that cannot be installed, and an image that is on record as
 * holding another. Gives what is worth telling of a host. Pure but for the shipped locks.
 */
export function checkTarget(
  to: { readonly openclaw: string; readonly image: string },
  from: string,
  hosts: readonly HostOfVersion[],
): readonly string[] {
  const advice = adviseVersion(to.openclaw);
  if (advice.verdict === 'refuse') {
    throw new Problem('upgrade/refused', advice.message, {
      cause: 'what is known of it is in lobsterpot itself',
      fix: advice.fix,
      exit: EXIT.usage,
    });
  }
  if (hosts.some((one) => one.kind === 'process')) pinnedLock(to.openclaw);
  const wrong = hosts.find(({ image }) => image?.asked === to.image && image.openclaw !== to.openclaw);
  if (wrong) {
    throw new Problem('upgrade/image', `the image ${to.image} holds OpenClaw ${wrong.image?.openclaw ?? 'of another version'}`, {
      cause: `that is what host ${wrong.name} was given under this name, and ${to.openclaw} is asked for`,
      fix: `name an image that holds it: lobsterpot upgrade ${to.openclaw} --image NAME:TAG`,
      exit: EXIT.usage,
    });
  }
  return hosts.flatMap(({ name, kernel }) => {
    const isNew = hasAny(kernelWorkarounds({ openclaw: to.openclaw, kernel })) && !hasAny(kernelWorkarounds({ openclaw: from, kernel }));
    return isNew ? [`host ${name} has kernel ${kernel}: OpenClaw ${to.openclaw} runs there without its native file functions`] : [];
  });
}

function hasAny(record: Readonly<Record<string, string>>): boolean {
  return Object.keys(record).length > 0;
}
