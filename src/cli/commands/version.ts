import type { Command } from 'commander';

import { stableJson } from '../../core/json.ts';
import { standard } from '../help.ts';
import { lobsterpotVersion, type Session } from '../program.ts';

/** `lobsterpot version`: lobsterpot's, OpenClaw's and Node's version. */
export function registerVersion(program: Command, session: Session): void {
  standard(program.command('version').description('print the versions of lobsterpot, OpenClaw and Node'), []).action(
    async (options: { readonly json?: boolean }) => {
      const { PINNED_OPENCLAW } = await import('../../openclaw/versions.ts');
      const versions = { lobsterpot: lobsterpotVersion(), openclaw: PINNED_OPENCLAW, node: process.versions.node };
      session.io.out(
        options.json === true
          ? stableJson(versions)
          : `lobsterpot ${versions.lobsterpot}\nopenclaw   ${versions.openclaw}\nnode       ${versions.node}\n`,
      );
    },
  );
}
