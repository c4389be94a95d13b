import type { Command } from 'commander';

import { formatDuration } from '../../core/duration.ts';
import { stableJson } from '../../core/json.ts';
import { plainText } from '../../core/plain-text.ts';
import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

type Options = { readonly file?: string; readonly json?: boolean; readonly approve?: string; readonly forward?: boolean };

const NOTES = `
The browser that opens the link stays let in: from then on it needs only the address.
One in which you typed the token shows "openclaw devices approve ID" and waits:
  lobsterpot ui --approve ID`;

/** `lobsterpot ui [GATEWAY]`: lets one browser into the Control UI, by a one-time link or by the id that its page shows. */
export function registerUi(program: Command, session: Session): void {
  standard(
    withFile(
      program
        .command('ui')
        .argument('[gateway]', 'its name in lobsterpot.yaml (default: the only one)')
        .option('--forward', 'bring the port of a gateway on another host to this machine, until ctrl-c')
        .option('--approve <id>', 'let the browser in that waits and shows this id, instead of printing a link')
        .description(
          'print a link that lets one browser into the Control UI, once (a secret until it is used: mind who looks at your screen)',
        ),
    ),
    ['findings', 'unreachable'],
  )
    .addHelpText('after', NOTES)
    .action(async (name: string | undefined, options: Options) => {
      const { openContext } = await import('../context.ts');
      const { letBrowserIn, linkToControlUi } = await import('../../converge/control-ui.ts');
      const { forwardGateway } = await import('../../converge/gateway-door.ts');
      const { pickGateway } = await import('../pick-gateway.ts');
      const { step } = await import('../step.ts');
      const { isFar } = await import('../summary.ts');
      const { io } = session;
      const { engine } = await openContext(io, options.file, true, 'services');
      const gateway = pickGateway(engine.deployment, name, 'lobsterpot ui');
      if (options.approve !== undefined) {
        const { deviceId, platform } = await letBrowserIn(engine, gateway, options.approve);
        const what = `${deviceId.slice(0, 12)}${platform === undefined ? '' : ` (${plainText(platform, 60)})`}`;
        return io.out(options.json === true ? stableJson({ gateway: gateway.name, letIn: deviceId }) : `browser ${what} is let in\n`);
      }
      // The port of a gateway on this machine is here already.
      const forward = options.forward === true && isFar(engine.deployment, gateway);
      await using stack = new AsyncDisposableStack();
      // First of all: a link that cannot be opened is a link used up.
      if (forward) stack.use(await forwardGateway(engine, gateway.name));
      const link = await step(
        io,
        'control ui',
        () => linkToControlUi(engine, gateway),
        ({ expiresAtMs }) => `a link, good once within ${formatDuration(expiresAtMs - Date.now())}`,
      );
      if (link.turnedAway > 0) io.talk(`  note: a browser that waited was turned away: open the link in it, or close its page first\n`);
      if (!forward && isFar(engine.deployment, gateway)) {
        io.talk(`  note: it runs on another host; to reach it from here: lobsterpot ui ${gateway.name} --forward\n`);
      }
      const url = link.url.reveal();
      io.out(
        options.json === true
          ? stableJson({ gateway: gateway.name, url, expiresAt: new Date(link.expiresAtMs).toISOString() })
          : `${url}\n`,
      );
      if (forward) await interrupted(() => io.talk(`  port ${gateway.port} of this machine leads there until you press ctrl-c\n`));
    });
}

/** Until the person has had enough; `tell` once it waits. */
function interrupted(tell: () => void): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
    tell();
  });
}
