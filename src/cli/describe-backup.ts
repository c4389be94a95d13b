import type { Backup } from '../converge/backup/backup-store.ts';
import { formatDuration } from '../core/duration.ts';
import { table } from './io.ts';

/** Bytes as a person reads them. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1] ?? 'KiB'}`;
}

/** A table of backups, as they come. */
export function describeBackups(backups: readonly Backup[], nowMs: number): string {
  if (backups.length === 0) return 'no backup yet; make one: lobsterpot backup\n';
  return table([
    ['service', 'backup', 'made', 'openclaw', 'schema', 'size'],
    ...backups.map((one) => [
      one.service,
      one.id,
      `${formatDuration(Math.max(0, nowMs - Date.parse(one.at)))} ago`,
      one.openclaw,
      String(one.schema),
      formatBytes(one.bytes),
    ]),
  ]);
}

/** A backup as `--json` shows it. */
export function publicBackup({
  id,
  service,
  host,
  at,
  command,
  openclaw,
  schema,
  bytes,
  sha256,
  archive,
}: Backup): Record<string, unknown> {
  return { backup: id, service, host, at, command, openclaw, schema, bytes, sha256, archive };
}
