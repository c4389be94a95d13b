import { askHttp, askLine, watchAnswers, type Answer, type AnswerWatch } from '../../docker/inside/answer-watch.mjs';
import { LAYOUT } from '../layout.ts';
import type { SpecService } from '../spec.ts';

const RUNNING_AFTER_MS = 1500;

/** Learns from what a started service says, and from asking it, how it is. */
export type HealthWatch = { heard(chunk: Buffer): void; close(): void };

/**
 * Watches one start of a service; called in the deployment's folder. `ready` hears when it becomes ready and when it does not answer any more,
 * `late` when its time to become so is over, `gaveUp` when it is to be ended because nothing came for so long.
 */
export function watchHealth(
  service: SpecService,
  on: { readonly ready: (is: boolean) => void; readonly late: () => void; readonly gaveUp: (silentMs: number) => Promise<void> },
): HealthWatch {
  const { health } = service;
  const timers = [setTimeout(on.late, health.timeoutMs)];
  const ask = questionFor(service);
  let watch: AnswerWatch | undefined;
  const asking = (ready: boolean): void => {
    if (ask) watch = watchAnswers({ ask, ready, changed: on.ready, gaveUp: on.gaveUp });
  };
  if (health.kind === 'http') asking(false);
  if (health.kind === 'running') timers.push(setTimeout(() => on.ready(true), RUNNING_AFTER_MS));
  const heard =
    health.kind === 'ready-line'
      ? lineWatcher(health.text, () => {
          on.ready(true);
          asking(true);
        })
      : () => undefined;
  return {
    heard,
    close: () => {
      watch?.close();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** How it is asked, through the socket that the supervisor made for it; undefined: nobody can ask it anything. */
function questionFor({ name, health, listeners }: SpecService): (() => Promise<Answer>) | undefined {
  switch (health.kind) {
    case 'running':
      return undefined;
    case 'ready-line': {
      const { ask } = health;
      return ask && (() => askLine({ path: LAYOUT.socket(name, ask.listener) }, ask.line));
    }
    case 'http': {
      const [first] = listeners;
      return first && (() => askHttp({ path: LAYOUT.socket(name, first.name) }, health.path));
    }
  }
}

/** Calls `found` once when a line of the stream holds `text`, also where two chunks meet. */
function lineWatcher(text: string, found: () => void): (chunk: Buffer) => void {
  let tail = '';
  let done = false;
  return (chunk) => {
    if (done) return;
    const seen = tail + chunk.toString('utf8');
    if (seen.includes(text)) {
      done = true;
      found();
    }
    tail = seen.slice(-text.length);
  };
}
