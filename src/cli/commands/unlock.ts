import type { Command } from 'commander';

import { EXIT } from '../../core/exit-code.ts';
import { stableJson } from '../../core/json.ts';
import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

type Options = { readonly file?: string; readonly json?: boolean; readonly yes?: boolean };

/** `lobsterpot unlock HOST`: takes a host's lock away from a run on another machine that was cut off for good. */
export function registerUnlock(program: Command, session: Session): void {
  standard(
    withFile(
      program
        .command('unlock')
        .argument('<host>', "the host's name in the file")
        .description("take a host's lock away from another machine's run that was cut off for good"),
    ).option('-y, --yes', 'do not ask'),
    ['findings', 'unreachable', 'cancelled'],
  ).action(async (name: string, options: Options) => {
    const { openContext } = await import('../context.ts');
    const { cancelled, confirm } = await import('../confirm.ts');
    const { siteOf } = await import('../../converge/engine.ts');
    const { claimOn, isElsewhere, release } = await import('../../converge/host-lock.ts');
    const { engine } = await openContext(session.io, options.file);
    if (!engine.deployment.hosts.some((one) => one.name === name)) throw noHost(name, engine.deployment.hosts);
    const site = await siteOf(engine, { host: name });
    const claim = isElsewhere(engine, site) ? await claimOn(site) : undefined;
    if (claim !== undefined) {
      const who =
        claim === 'not understood'
          ? 'its lock does not say by whom it was taken'
          : `"${plainText(claim.command, 80)}" of ${plainText(claim.user, 40)} on ${plainText(claim.host, 80)} has it since ${plainText(claim.since, 40)}`;
      session.io.talk(`${who}\n`);
      if (options.yes !== true && !(await confirm(`is that run over for good? take the lock of ${name} away?`)))
        throw cancelled('not unlocked');
      await release(site);
    }
    const text = claim === undefined ? `${name} is not locked\n` : `${name} is free again; finish what was begun: lobsterpot up\n`;
    session.io.out(options.json === true ? stableJson({ host: name, unlocked: claim !== undefined }) : text);
  });
}

function noHost(name: string, hosts: readonly { readonly name: string }[]): Problem {
  return new Problem('cli/no-host', `there is no host ${plainText(name, 80)} in the file`, {
    cause: `its hosts are ${hosts.map((one) => one.name).join(', ')}`,
    fix: 'name one of them',
    exit: EXIT.usage,
  });
}
