import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redacted } from '../../src/core/redacted.ts';
import { writeFileAtomic } from '../../src/hosts/local-files.ts';
import { writeArtifacts } from '../../src/runtimes/process/testing/deployment.ts';
import type { Artifact } from '../../src/runtimes/runtime.ts';
import type { Service } from '../../src/services/service.ts';

/** The files of a deployment as they are planned, for tests that weaken them and want them back. */
export type PlannedFiles = {
  uidOf(service: string): number;
  read(path: string): string;
  /** Keeps mode and owner. */
  edit(path: string, change: (text: string) => string): void;
  /** Writes every file as it should be, secrets too. */
  write(): Promise<void>;
};

/** Those below `root`; started by root, each service gets what is its own. */
export function plannedFiles(
  root: string,
  planned: {
    readonly artifacts: readonly Artifact[];
    readonly services: readonly Service[];
    readonly secrets: ReadonlyMap<string, Redacted>;
  },
): PlannedFiles {
  const { artifacts, services, secrets } = planned;
  const uidOf = (service: string): number => artifacts.find((one) => one.path === `services/${service}/state`)?.owner.uid ?? -1;
  const ownerOf = (service: string) => (process.getuid?.() === 0 ? { owner: { uid: uidOf(service), gid: uidOf(service) } } : {});
  return {
    uidOf,
    read: (path) => readFileSync(join(root, path), 'utf8'),
    edit: (path, change) => {
      const at = join(root, path);
      const changed = change(readFileSync(at, 'utf8'));
      const { mode } = statSync(at);
      chmodSync(at, 0o600);
      writeFileSync(at, changed);
      chmodSync(at, mode);
    },
    write: async () => {
      await writeArtifacts(root, artifacts);
      mkdirSync(join(root, 'secrets'), { recursive: true, mode: 0o700 });
      for (const [name, value] of secrets) writeFileSync(join(root, 'secrets', name), value.reveal(), { mode: 0o600 });
      for (const service of services) {
        for (const { name, file } of service.secrets) {
          const path = join(root, 'services', service.name, 'secrets', file);
          await writeFileAtomic(path, secrets.get(name)?.reveal() ?? '', { mode: 0o400, ...ownerOf(service.name) });
        }
      }
    },
  };
}
