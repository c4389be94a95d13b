import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { until } from '../../src/core/wait.ts';
import { parseJson, type Stage } from '../support/stage.ts';

/** What the chapter does with the deployment, as its neighbours do. */
export type Tools = {
  /** Changes keys of the gateway and applies the file. */
  apply(changes: Readonly<Record<string, unknown>>): Promise<void>;
  /** A turn of the agent. */
  ask(message: string, session: string): Promise<{ readonly code: number | undefined; readonly stdout: string; readonly stderr: string }>;
  mark(): Promise<number>;
  /** Requests that reached the providers. */
  reached(path: RegExp, since: number): Promise<readonly string[]>;
};

const WRITE_NOTE = `
  const { mkdirSync, writeFileSync } = await import('node:fs');
  mkdirSync('/state/workspace/memory', { recursive: true });
  writeFileSync('/state/workspace/memory/2026-11-20.md', '# Lobsters\\nThe lobster likes cold water near Maine.\\n');`;

const record = z.looseObject({
  kind: z.string(),
  seq: z.number(),
  of: z.number().optional(),
  detail: z.string().optional(),
  tokens: z.number().optional(),
  usd: z.number().optional(),
});

/** What the gate has counted for each request for vectors. */
function vectorsIn(stage: Stage): readonly z.infer<typeof record>[] {
  const folder = join(stage.root, 'services/gate/state/trail');
  const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  const records = lines.flatMap((line) => record.safeParse(parseJson(line)).data ?? []);
  const asked = new Set(records.filter((one) => one.detail === 'openai: embeddings').map((one) => one.seq));
  return records.filter((one) => one.kind === 'end' && one.of !== undefined && asked.has(one.of));
}

/** Memory search with the real OpenClaw, whose model is OpenAI's: its index and the agent's own search, by the route of the gate alone. */
export function memoryChapter(stage: Stage, { apply, ask, mark, reached }: Tools): void {
  test('memory is searched: the agent finds a note, by vectors that are asked for with the key of the gate and counted', async () => {
    await apply({ memory: { search: true } });
    const command = ['{node}', '--input-type=module', '-e', WRITE_NOTE];
    const wrote = await stage.runtime.inside('gateway-main', command, { timeoutMs: 20_000 });
    assert.equal(wrote.code, 0, wrote.stderr);
    const since = await mark();
    const { code, stdout, stderr } = await ask('search your memory for cold water', 'memory');
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /the tool said: .*likes cold water near Maine/s);
    const asked = await reached(/^\/v1\//, since);
    assert.deepEqual(asked.toSorted(), ['POST /v1/embeddings expected', 'POST /v1/responses expected']);
    // The note and the question at the least, each 8 tokens to the stand-in; a millionth of a dollar is the least that is counted.
    const counted = await until(async () => (vectorsIn(stage).length >= 2 ? vectorsIn(stage) : undefined), {
      timeoutMs: 5000,
      everyMs: 50,
    });
    assert.ok(
      counted?.every(({ tokens = 0, usd = 0 }) => tokens >= 8 && tokens % 8 === 0 && usd > 0 && usd < 0.00001),
      JSON.stringify(counted),
    );
  });
}
