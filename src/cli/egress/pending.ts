import { pendingEgress } from '../../audit/egress-operations.ts';
import { pendingLines } from '../../audit/pending-lines.ts';
import type { Engine } from '../../converge/engine.ts';
import { formatDuration } from '../../core/duration.ts';
import type { ExitCode } from '../../core/exit-code.ts';
import { stableJson } from '../../core/json.ts';
import { plainText } from '../../core/plain-text.ts';
import { table, type Io } from '../io.ts';
import { askGates, tellUnchecked, uncheckedPart } from './gates.ts';

/** `egress pending`: what was denied and nobody decided about yet, one line a host. */
export async function listPending(io: Io, engine: Engine, options: { readonly json?: boolean }): Promise<ExitCode> {
  const { answers, unchecked } = await askGates(engine, undefined, (gate) => pendingEgress(gate));
  const pending = answers.flat().toSorted((a, b) => b.lastMs - a.lastMs);
  const lines = pendingLines(pending, engine.deployment.egress);
  if (options.json === true) {
    const notes = new Map(lines.map(({ place, note }) => [place, note.text]));
    io.out(
      stableJson({ pending: pending.map((one) => ({ ...one, note: notes.get(`${one.host}:${one.port}`) })), ...uncheckedPart(unchecked) }),
    );
  } else if (lines.length === 0) io.out('nothing waits: no host was denied since the gate started\n');
  else {
    const nowMs = Date.now();
    const ago = (ms: number): string => formatDuration(Math.max(0, nowMs - ms));
    const rows = lines.map((one) => [
      one.written,
      one.clients.join(', '),
      String(one.count),
      ago(one.firstMs),
      `${ago(one.lastMs)} ago`,
      plainText(one.note.text, 160),
    ]);
    io.out(
      `${table([['host', 'asked by', 'times', 'since', 'last', 'what it looks like'], ...rows])}allow: lobsterpot egress allow HOST [--for 1h | --save]      explain: lobsterpot egress explain HOST\n`,
    );
  }
  return tellUnchecked(io, unchecked);
}
