import type { Command } from 'commander';

import type { Engine } from '../../converge/engine.ts';
import type { ExitCode } from '../../core/exit-code.ts';
import { standard, withFile } from '../help.ts';
import type { LogOptions } from '../egress/log.ts';
import type { ReplayOptions } from '../egress/replay.ts';
import type { TopOptions } from '../egress/top.ts';
import type { Session } from '../program.ts';

type Options = {
  readonly file?: string;
  readonly json?: boolean;
  readonly client?: string;
  readonly for?: string;
  readonly save?: boolean;
};

/** `lobsterpot egress`: what tried to leave, what may, and why; changes apply to the running deployment at once. */
export function registerEgress(program: Command, session: Session): void {
  const egress = program.command('egress').description('what tried to leave, what may leave, and why');
  const engineFor = async (file: string | undefined): Promise<Engine> => {
    const { openContext } = await import('../context.ts');
    return (await openContext(session.io, file, true)).engine;
  };
  const end = (code: ExitCode): void => {
    session.exit = code;
  };

  withClient(standard(withFile(egress.command('log').description('print what tried to leave, oldest first')), ['findings']))
    .option('--since <time>', 'only what is younger, e.g. 30m, 2h, 1d')
    .option('--denied', 'only what was denied')
    .option('--host <name>', 'only this host and its sub-domains')
    .option('-n, --lines <count>', 'the most lines', '200')
    .option('--follow', 'go on printing what comes')
    .option('--verify', 'check the whole chain instead: was a line removed, changed, moved or cut off?')
    .action(async (options: LogOptions & Options) => {
      const { egressLog } = await import('../egress/log.ts');
      end(await egressLog(session.io, await engineFor(options.file), options));
    });

  withClient(
    standard(withFile(egress.command('top').description('which hosts were asked for most, and by whom')), ['findings', 'unreachable']),
  )
    .option('--since <time>', 'only what is younger, e.g. 30m, 2h, 1d')
    .option('--denied', 'only hosts that were denied, the most denied first')
    .option('-n, --lines <count>', 'the most hosts', '20')
    .action(async (options: TopOptions & Options) => {
      const { egressTop } = await import('../egress/top.ts');
      end(await egressTop(session.io, await engineFor(options.file), options));
    });

  for (const verdict of ['allow', 'deny'] as const) {
    const command = withClient(
      standard(
        withFile(
          egress
            .command(verdict)
            .argument('<host>', 'a host name, *.name for its sub-domains, or an address; :port unless 443')
            .description(`${verdict} a host at once, on top of the file (deny beats allow)`),
        ),
        ['findings', 'unreachable', 'locked'],
      ).option('--for <time>', 'ends by itself, open connections too, e.g. 10m, 1h, 2d'),
    );
    if (verdict === 'allow') command.option('--save', 'write it into the file too, and show what was written');
    command.action(async (host: string, options: Options) => {
      const { setRule } = await import('../egress/set-rule.ts');
      end(await setRule(session.io, await engineFor(options.file), verdict, host, options));
    });
  }

  withClient(
    standard(
      withFile(
        egress
          .command('replay')
          .argument('<candidate>', 'another lobsterpot.yaml, or a policy.json')
          .description('which recorded attempts it would decide otherwise; nothing is changed'),
      ),
      ['findings', 'changes', 'unreachable'],
    ).option('--since <time>', 'only attempts that are younger, e.g. 2h, 7d'),
  ).action(async (candidate: string, options: ReplayOptions & Options) => {
    const { egressReplay } = await import('../egress/replay.ts');
    end(await egressReplay(session.io, await engineFor(options.file), candidate, options));
  });

  withClient(
    standard(withFile(egress.command('forget').argument('<host>').description('take back what allow or deny said')), [
      'findings',
      'locked',
    ]),
  ).action(async (host: string, options: Options) => {
    const { forgetRule } = await import('../egress/rules.ts');
    end(await forgetRule(session.io, await engineFor(options.file), host, options));
  });

  standard(withFile(egress.command('rules').description('what allow and deny said on top of the file')), ['findings']).action(
    async (options: Options) => {
      const { listRules } = await import('../egress/rules.ts');
      end(await listRules(session.io, await engineFor(options.file), options));
    },
  );

  withClient(
    standard(withFile(egress.command('test').argument('<host...>').description('would these pass? nothing is sent')), ['findings']),
  ).action(async (hosts: readonly string[], options: Options) => {
    const { testHosts } = await import('../egress/rules.ts');
    end(await testHosts(session.io, await engineFor(options.file), hosts, options));
  });

  standard(withFile(egress.command('pending').description('what was denied and waits for somebody to decide')), ['findings']).action(
    async (options: Options) => {
      const { listPending } = await import('../egress/pending.ts');
      end(await listPending(session.io, await engineFor(options.file), options));
    },
  );

  standard(withFile(egress.command('metrics').description('what the gates count, as Prometheus reads it')), [
    'findings',
    'unreachable',
  ]).action(async (options: Options) => {
    const { egressMetrics } = await import('../egress/metrics.ts');
    end(await egressMetrics(session.io, await engineFor(options.file)));
  });

  standard(withFile(egress.command('explain').argument('<host>').description('who asked for a host, what decides, and what to type')), [
    'findings',
  ]).action(async (host: string, options: Options) => {
    const { explainHost } = await import('../egress/explain.ts');
    end(await explainHost(session.io, await engineFor(options.file), host, options));
  });
}

function withClient(command: Command): Command {
  return command.option('--client <name>', 'only for this gateway or node (its name in the file)');
}
