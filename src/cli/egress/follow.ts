import { setTimeout as sleep } from 'node:timers/promises';

import { NotATrail } from '../../audit/open-trail.ts';
import { followTrail, type TrailEnd, type TrailFilter } from '../../audit/query-trail.ts';
import type { Decision } from '../../audit/trail-record.ts';
import type { Engine } from '../../converge/engine.ts';
import { EXIT } from '../../core/exit-code.ts';
import { Problem } from '../../core/problem.ts';
import type { Io } from '../io.ts';
import { askGates, tellUnchecked, type AskedGate } from './gates.ts';
import type { Client } from './place.ts';

/** What is printed of which gates; `ends`: up to where each trail was printed. */
export type Followed = {
  readonly filter: TrailFilter;
  readonly ends: ReadonlyMap<string, TrailEnd>;
  readonly print: (decision: Decision) => void;
};

/** A copy over ssh is brought on once a second. */
const EVERY_MS = 1000;
const AGAIN_MS = 5000;
/** Ctrl-C ends this program and the ssh that it asks through at once, in whichever order. */
const INTERRUPT_MS = 300;

/** Goes on printing until Ctrl-C. A host that stops answering is said once and asked again; a gate that is started again goes on in the same trail. */
export async function followGates(io: Io, engine: Engine, client: Client | undefined, followed: Followed): Promise<void> {
  const stop = new AbortController();
  // Following ends in no other way, so Ctrl-C is no failure here; a terminal, and whoever passes it on, may send it twice.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.removeAllListeners(signal);
    process.on(signal, () => stop.abort());
  }
  // Nobody reads on.
  process.stdout.once('error', () => stop.abort());
  await askGates(engine, client, async (gate) => {
    if (followed.ends.has(gate.host)) await followOne(io, gate, followed, stop.signal);
  });
}

async function followOne(io: Io, gate: AskedGate, { filter, ends, print }: Followed, signal: AbortSignal): Promise<void> {
  let isAway = false;
  const fetch = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await gate.fresh();
        if (isAway) io.talk(`host ${gate.host} answers again\n`);
        isAway = false;
        return;
      } catch (error) {
        if (!(error instanceof Problem) || error instanceof NotATrail) throw error;
        if (error.exit !== EXIT.unreachable && error.code !== 'docker/files') throw error;
        await sleep(INTERRUPT_MS, undefined, { signal }).catch(() => {});
        if (signal.aborted) return;
        if (!isAway) tellUnchecked(io, [{ host: gate.host, message: error.message, cause: error.why, fix: error.fix }]);
        isAway = true;
        await sleep(AGAIN_MS, undefined, { signal }).catch(() => {});
      }
    }
  };
  const from = ends.get(gate.host);
  for await (const decision of followTrail(gate.folder, filter, signal, { ...(from ? { from } : {}), fetch, everyMs: EVERY_MS / 4 }))
    print(decision);
}
