import type { Command } from 'commander';

import { formatDuration } from '../../core/duration.ts';
import { stableJson } from '../../core/json.ts';
import { standard, withFile } from '../help.ts';
import { table } from '../io.ts';
import type { Session } from '../program.ts';

type Options = { readonly file?: string; readonly json?: boolean };

/** `lobsterpot secrets`: set and list; a value is never printed and never taken from argv. */
export function registerSecrets(program: Command, session: Session): void {
  const secrets = program.command('secrets').description('the keys and tokens that services read from files');

  standard(
    withFile(
      secrets.command('set').argument('<name>', 'its name in lobsterpot.yaml').description('store a secret, typed at a prompt or piped in'),
    ),
    ['findings', 'locked', 'cancelled'],
  ).action(async (name: string, options: Options) => {
    const { openContext } = await import('../context.ts');
    const { askSecret } = await import('../confirm.ts');
    const { checkName, checkNotReserved, parseSecret } = await import('../../converge/secret-store.ts');
    const { secretUsers } = await import('../../converge/secrets.ts');
    const { takeLock } = await import('../../converge/lock.ts');
    checkName(name);
    checkNotReserved(name);
    const { engine } = await openContext(session.io, options.file, true);
    const value = parseSecret(await askSecret(`${name} (not shown): `));
    await engine.local.makeFolder(engine.root, { mode: 0o700 });
    await using _lock = await takeLock(engine.root, 'lobsterpot secrets set', () => undefined);
    await engine.store.write(name, value);
    const used = secretUsers(engine.deployment).get(name) ?? [];
    const next = used.length === 0 ? 'no service in the file uses it' : `used by ${used.join(', ')}; to apply it: lobsterpot up`;
    session.io.out(options.json === true ? stableJson({ secret: name, users: used }) : `stored ${name} (${next})\n`);
  });

  standard(withFile(secrets.command('list').description('names, ages and users of the secrets; never a value')), ['findings']).action(
    async (options: Options) => {
      const { openContext } = await import('../context.ts');
      const { listSecrets } = await import('../../converge/secrets.ts');
      const { engine } = await openContext(session.io, options.file, true);
      const rows = await listSecrets(engine);
      if (options.json === true) return session.io.out(stableJson({ secrets: rows }));
      session.io.out(
        table([
          ['secret', 'set', 'used by'],
          ...rows.map((row) => [
            row.name,
            row.setAtMs === undefined ? 'not set' : `${formatDuration(Date.now() - row.setAtMs)} ago`,
            row.users.length === 0 ? '-' : row.users.join(', '),
          ]),
        ]),
      );
    },
  );
}
