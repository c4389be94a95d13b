import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
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

const OPENAI = { provider: 'openai', id: 'gpt-5.5', apiKey: { secret: 'openai_key' } } as const;

/** Asks for vectors and more as whoever is inside could. */
const ASK_ALL = `
  for (const path of ['embeddings', 'files', 'models'])
    console.log(path, (await fetch('http://127.0.0.1:3128/openai/v1/' + path, { method: 'POST', body: '{"model":"text-embedding-3-small","input":["a","b"]}' })).status);`;

const WRITE_NOTE = `
  const { mkdirSync, writeFileSync } = await import('node:fs');
  mkdirSync('/state/workspace/memory', { recursive: true });
  writeFileSync('/state/workspace/memory/2026-11-20.md', '# Lobsters\\nThe lobster likes cold water near Maine.\\n');`;

const status = z.object({
  routes: z.array(z.object({ provider: z.string(), used: z.object({ day: z.object({ requests: z.number(), usd: z.number() }) }) })),
});

/** Memory search with the real OpenClaw: off unless the file asks for it, and then by the route of the gate alone. */
export function memoryChapter(stage: Stage, { apply, ask, mark, reached }: Tools): void {
  const inside = (...program: readonly string[]) =>
    stage.runtime.inside('gateway-main', ['{node}', '--input-type=module', '-e', ...program], { timeoutMs: 20_000 });

  const used = async () => {
    const { routes } = status.parse(parseJson((await stage.cli(['status', '--json'])).stdout));
    assert.deepEqual(
      routes.map((one) => one.provider),
      ['openai'],
    );
    return routes[0]?.used.day ?? { requests: 0, usd: 0 };
  };

  test('nothing is said of memory: vectors that somebody inside asks for are refused, as is what no list has', async () => {
    await apply({ model: OPENAI });
    const since = await mark();
    assert.equal((await inside(ASK_ALL)).stdout, 'embeddings 400\nfiles 400\nmodels 400\n');
    assert.deepEqual(await reached(/embeddings|files|models/, since), []);
  });

  test('memory is searched: the agent finds the note, by vectors that are asked for with the key of the gate and counted', async () => {
    await apply({ memory: { search: true } });
    const before = await used();
    const wrote = await inside(WRITE_NOTE);
    assert.equal(wrote.code, 0, wrote.stderr);
    const since = await mark();
    const { code, stdout, stderr } = await ask('search your memory for cold water', 'memory');
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /the tool said: .*likes cold water near Maine/s);
    const asked = await reached(/^\/v1\//, since);
    assert.deepEqual(asked.toSorted(), ['POST /v1/embeddings expected', 'POST /v1/responses expected']);
    const after = await used();
    console.error(before, after);
    assert.equal((await inside(ASK_ALL)).stdout, 'embeddings 200\nfiles 400\nmodels 400\n');
  });
}
