import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { attemptResult } from './attempt.ts';
import type { Attempt, AttemptResult } from './attempt.ts';

const PIECES = ['prelude.mjs', 'network.mjs', 'gate.mjs', 'files.mjs', 'search.mjs', 'processes.mjs', 'main.mjs'] as const;

export type ScriptInput = {
  /** Begins the one line of results; random, so that nothing else on stdout can be taken for it. */
  readonly marker: string;
  /** Part of every name and file that is made. */
  readonly canary: string;
  /** For each attempt. */
  readonly limitMs: number;
  /** After it nothing more is begun. */
  readonly totalMs: number;
  readonly attempts: Readonly<Record<string, Attempt>>;
};

/** The program that runs inside a service, given on stdin: nothing has to be installed there. */
export function insideScript(input: ScriptInput): string {
  const pieces = PIECES.map((name) => readFileSync(join(import.meta.dirname, 'inside', name), 'utf8'));
  return [`const input = ${JSON.stringify(input)};`, ...pieces].join('\n');
}

const results = z.record(z.string(), attemptResult);

/** What the script reported; undefined when the line is missing or is not of the known form (then nothing is known). */
export function readResults(stdout: string, marker: string): ReadonlyMap<string, AttemptResult> | undefined {
  const lines = stdout.split('\n').filter((line) => line.startsWith(marker));
  const [line] = lines;
  if (line === undefined || lines.length !== 1) return undefined;
  try {
    const parsed = results.safeParse(JSON.parse(line.slice(marker.length)));
    return parsed.success ? new Map(Object.entries(parsed.data)) : undefined;
  } catch {
    return undefined;
  }
}
