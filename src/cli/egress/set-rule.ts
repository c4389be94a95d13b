import { readFile } from 'node:fs/promises';

import { describePlace, override, type OverrideChange } from '../../audit/egress-operations.ts';
import type { Engine } from '../../converge/engine.ts';
import { takeLock } from '../../converge/lock.ts';
import type { ExitCode } from '../../core/exit-code.ts';
import { stableJson } from '../../core/json.ts';
import type { Io } from '../io.ts';
import { withEdited } from '../upgrade-to.ts';
import { tellUnchecked, uncheckedPart, type Unchecked } from './gates.ts';
import { findClient, operatorName, parsePlace } from './place.ts';
import { atEach } from './rules.ts';
import { savingOf, type Saving } from './save.ts';
import { lifetimeMs } from './values.ts';

export type RuleOptions = { readonly json?: boolean; readonly client?: string; readonly for?: string; readonly save?: boolean };

type Done = { readonly change: OverrideChange; readonly unchecked: readonly Unchecked[] };

/**
 * `egress allow` and `egress deny`: in force at once, without a restart; recorded in the trail with who and when.
 * With --save the file says it too; it is as before when no gate could be told.
 */
export async function setRule(io: Io, engine: Engine, verdict: 'allow' | 'deny', text: string, options: RuleOptions): Promise<ExitCode> {
  const place = parsePlace(text);
  const client = await findClient(engine, options.client);
  const lasts = options.for === undefined ? undefined : lifetimeMs(options.for);
  const atMs = Date.now();
  const until = lasts === undefined ? {} : { until: atMs + lasts };
  const rule = { verdict, ...place, ...(client === undefined ? {} : { client: client.name }), ...until, by: operatorName(), atMs } as const;
  await using _lock = await takeLock(engine.root, `lobsterpot egress ${verdict}`, () => undefined);
  const apply = (note = ''): Promise<Done> => atEach(engine, client, (gate) => override(gate, rule, note));
  const inFile = { ...place, ...(client === undefined ? {} : { client: client.key }), ...until };
  const saving = options.save === true ? savingOf(await readFile(engine.file, 'utf8'), engine.file, inFile, client?.name) : undefined;
  const { change, unchecked } =
    saving === undefined || saving.diff.length === 0
      ? await apply()
      : await withEdited(
          engine,
          () => saving.text,
          () => apply(', written into the file'),
        );
  if (options.json === true)
    io.out(stableJson({ ...change, ...(saving ? { saved: { file: engine.file, diff: saving.diff } } : {}), ...uncheckedPart(unchecked) }));
  else io.out(changeText(verdict, change) + (saving ? savedText(engine.file, saving) : ''));
  return tellUnchecked(io, unchecked);
}

/** What was done, what still stands against it, and how it is taken back. */
export function changeText(verdict: 'allow' | 'deny', { rule, closed, verdict: now }: OverrideChange): string {
  const until = rule.until === undefined ? 'until you take it back' : `until ${new Date(rule.until).toISOString()}`;
  const ended = closed === 0 ? '' : `; ${closed} open connections were ended`;
  const against = verdict === 'allow' && now && !now.allowed ? `it is still denied: ${now.reason} ${now.rule ?? ''}`.trimEnd() : '';
  return [
    `${verdict === 'allow' ? 'allowed' : 'denied'} ${describePlace(rule)} ${until}${ended}`,
    ...(against === '' ? [] : [against]),
    `take it back: lobsterpot egress forget ${describePlace(rule)}`,
    '',
  ].join('\n');
}

function savedText(file: string, { diff }: Saving): string {
  if (diff.length === 0) return `${file} says so already\n`;
  return `${file}\n${diff.join('\n')}\nit is in force; the gate's own file follows with: lobsterpot up\n`;
}
