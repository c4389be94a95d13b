import type { Command } from 'commander';

import { EXIT } from '../../core/exit-code.ts';
import { stableJson } from '../../core/json.ts';
import type { Redacted } from '../../core/redacted.ts';
import type { Subject } from '../../converge/rotate/subject.ts';
import { standard, withFile } from '../help.ts';
import { step } from '../step.ts';
import type { Session } from '../program.ts';

type Options = { readonly file?: string; readonly json?: boolean; readonly yes?: boolean };

const COMMANDS = [
  {
    kind: 'gateway-token',
    argument: '<gateway>',
    of: "a gateway's token: its gateway is started anew, and its nodes come back by themselves",
  },
  { kind: 'link-key', argument: '<node>', of: "the key of a node's tunnel: the tunnel is opened anew, and its node comes back by itself" },
  { kind: 'identity', argument: '<node>', of: "a node's key pair and token: it is enrolled anew, and its gateway forgets the old ones" },
  { kind: 'secret', argument: '<name>', of: 'a secret, typed at a prompt or piped in: what reads it is started anew' },
] as const;

/** `lobsterpot rotate`: one credential is replaced, and the old one tried until it is refused. */
export function registerRotate(program: Command, session: Session): void {
  const group = program.command('rotate').description('replace a credential, and prove that the old one is refused');
  for (const { kind, argument, of } of COMMANDS) {
    standard(
      withFile(group.command(kind).argument(argument, 'its name in lobsterpot.yaml').description(`replace ${of}`)).option(
        '-y, --yes',
        'do not ask before it',
      ),
      ['findings', 'unreachable', 'locked', 'cancelled'],
    ).action((name: string, options: Options) => run(session, { kind, name }, options));
  }
}

async function run(session: Session, subject: Subject, options: Options): Promise<void> {
  const { io } = session;
  const { openContext } = await import('../context.ts');
  const { cancelled, confirm } = await import('../confirm.ts');
  const { lookAhead, rotate } = await import('../../converge/rotate/rotate.ts');
  const { isProven } = await import('../../converge/rotate/finish.ts');
  const { telling } = await import('../bring-up.ts');
  const { describeOutlook, describeRotated, rotatedDocument } = await import('../describe-rotation.ts');
  const { engine } = await openContext(io, options.file, true);
  const outlook = await lookAhead(engine, subject);
  const value = subject.kind === 'secret' ? await newValue(subject.name) : undefined;
  if (options.yes !== true) {
    io.talk(describeOutlook(outlook));
    if (!(await confirm('replace it?'))) throw cancelled('not replaced');
  }
  const rotated = await rotate(engine, subject, {
    ...(value ? { value } : {}),
    around: telling(io, engine),
    onNote: (text) => io.talk(`  note: ${text}\n`),
    onStep: (name, work, result) => step(io, name, work, result),
  });
  io.out(options.json === true ? stableJson(rotatedDocument(rotated)) : describeRotated(io, rotated));
  session.exit = isProven(rotated) ? EXIT.ok : EXIT.findings;
}

async function newValue(name: string): Promise<Redacted> {
  const { askSecret } = await import('../confirm.ts');
  const { parseSecret } = await import('../../converge/secret-store.ts');
  return parseSecret(await askSecret(`the new ${name} (not shown): `));
}
