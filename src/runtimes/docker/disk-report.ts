import { plainText } from '../../core/plain-text.ts';
import { diskReportSchema } from '../disk-report-schema.ts';
import type { DiskReport } from '../runtime.ts';

/** What a container's health test printed of the watch over its folder; undefined when that is not in it. The service itself may have written it. Pure. */
export function parseDiskReport(printed: string): DiskReport | undefined {
  try {
    const { held, ...rest } = diskReportSchema.parse(JSON.parse(printed));
    return held === undefined ? rest : { ...rest, held: plainText(held, 500) };
  } catch {
    return undefined;
  }
}
