import { Problem } from '../core/problem.ts';
import { type AskGate, controlGate, refused } from './control-client.ts';

/** What one gate counts, in the text format of Prometheus. */
export async function gateMetrics(place: { readonly ask: AskGate }): Promise<string> {
  const answer = await controlGate(place.ask, { op: 'metrics' });
  if (!answer.ok || answer.op !== 'metrics') throw refused(answer);
  return answer.text;
}

const LINE = /^(?:# (?:HELP|TYPE) (lobsterpot_gate_[a-z_]+) [ -~]+|(lobsterpot_gate_[a-z_]+)(?:\{([ -~]+)\})? (\d+(?:\.\d+)?))$/;

/** Those of several gates as one document: each metric once, its samples with the host they are of. A Problem for anything else. */
export function joinMetrics(gates: readonly { readonly host: string; readonly text: string }[]): string {
  const metrics = new Map<string, { readonly about: Set<string>; readonly samples: string[] }>();
  for (const { host, text } of gates) {
    for (const line of text.split('\n').filter((one) => one !== '')) {
      const [, described, sampled, labels, value] = LINE.exec(line) ?? [];
      const name = described ?? sampled;
      if (name === undefined)
        throw new Problem('audit/metrics', `the gate of ${host} sent metrics that make no sense`, {
          cause: 'it may be of another version than this command',
          fix: 'lobsterpot up',
        });
      const metric = metrics.get(name) ?? { about: new Set(), samples: [] };
      metrics.set(name, metric);
      if (sampled === undefined) metric.about.add(line);
      else metric.samples.push(`${name}{host="${host}"${labels === undefined ? '' : `,${labels}`}} ${value}`);
    }
  }
  return [...metrics.values()].flatMap(({ about, samples }) => [...about, ...samples].map((line) => `${line}\n`)).join('');
}
