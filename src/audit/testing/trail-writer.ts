import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { GENESIS, type DecisionEvent, type TrailEvent, sealLine, trailFileName } from '../../policy/trail-line.ts';

/** A denial of the kind that most tests need. */
export const decision = (host: string, more: Partial<DecisionEvent> = {}): DecisionEvent => ({
  kind: 'decision',
  client: 'gateway-main',
  verdict: 'deny',
  reason: 'no-rule',
  via: 'connect',
  host,
  port: 443,
  ...more,
});

/** What makes it one that a rule let pass. */
export const allowed = { verdict: 'allow', reason: 'rule', rule: 'api.test:443 (x)' } as const;

/** Writes a trail into a folder of its own, record by record, ten milliseconds apart. */
export class TrailWriter {
  readonly parent: string;
  readonly folder: string;
  head = { seq: 0, hash: GENESIS };

  constructor(t: TestContext) {
    this.parent = mkdtempSync(join(tmpdir(), 'trail-'));
    this.folder = join(this.parent, 'trail');
    mkdirSync(this.folder);
    t.after(() => rmSync(this.parent, { recursive: true, force: true }));
  }

  write(file: number, ...events: readonly TrailEvent[]): void {
    for (const event of events) {
      const { line, hash } = sealLine({ seq: this.head.seq + 1, time: (this.head.seq + 1) * 10, prev: this.head.hash }, event);
      this.head = { seq: this.head.seq + 1, hash };
      appendFileSync(join(this.folder, trailFileName(file)), line);
    }
  }
}
