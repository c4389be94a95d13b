import { gateMetrics, joinMetrics } from '../../audit/metrics.ts';
import type { Engine } from '../../converge/engine.ts';
import type { ExitCode } from '../../core/exit-code.ts';
import type { Io } from '../io.ts';
import { askGates, tellUnchecked } from './gates.ts';

/** `egress metrics`: what the gates count, as Prometheus reads it. */
export async function egressMetrics(io: Io, engine: Engine): Promise<ExitCode> {
  const { answers, unchecked } = await askGates(engine, undefined, async (gate) => ({ host: gate.host, text: await gateMetrics(gate) }));
  io.out(joinMetrics(answers));
  return tellUnchecked(io, unchecked);
}
