import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { run, PLAIN_PATH } from '../../src/hosts/run.ts';
import { runtimePaths } from '../../src/openclaw/install/install.ts';
import { killedRun } from '../converge/killed-run.ts';
import { exampleFile } from '../support/deployment-file.ts';
import { fakeOpenClaw } from '../support/fake-openclaw.ts';
import { sandboxHome, type SandboxHome } from '../support/sandbox-home.ts';
import { NEW, OLD } from './versions-folder.ts';

const PROGRAM = readFileSync(join(import.meta.dirname, 'fake-version.mjs'), 'utf8');
const RUN_MS = 60_000;

/** A gateway alone, on this machine, with two small programs in the place of two versions of OpenClaw. */
export type FakeStage = Pick<SandboxHome, 'cli' | 'root' | typeof Symbol.dispose> & {
  /** The file asks for this version from here on. */
  ask(version: string): void;
  asked(): string;
  /** Does the new version end right after it has migrated a state? */
  breakNew(isBroken: boolean): void;
  /** True: the run was killed at that record of its journal, or the first that looks so; false: it came to its end before. */
  killedAt(args: readonly string[], at: number | string): Promise<boolean>;
  /** The version of the state's database; which version first made the state; which one started on it last. */
  state(): { readonly schema: number; readonly born: string; readonly last: string };
  /** What a run that was cut off could have left, below the deployment's folder. */
  leftovers(): readonly string[];
};

/** Makes it; nothing runs yet. */
export async function setFakeStage(): Promise<FakeStage> {
  const port = await freePort();
  const text = exampleFile((document) => {
    document.delete('nodes');
    document.setIn(['gateways', 'main', 'port'], port);
    document.set('openclaw', OLD);
  });
  const here = sandboxHome({ text });
  fakeOpenClaw(here.data, programOf(OLD, 17), OLD);
  const mark = join(dirname(runtimePaths(fakeOpenClaw(here.data, programOf(NEW, 18), NEW)).openclaw), 'broken');
  return {
    cli: here.cli,
    root: here.root,
    ask: (version) => writeFileSync(here.file, text.replace(OLD, version)),
    asked: () => (readFileSync(here.file, 'utf8') === text ? OLD : NEW),
    breakNew: (isBroken) => (isBroken ? writeFileSync(mark, '') : rmSync(mark, { force: true })),
    killedAt: async (args, at) => {
      const { argv, env } = killedRun(args, typeof at === 'number' ? { record: at } : { line: at });
      const ended = await run(argv, { cwd: here.home, env: { ...here.env, PATH: PLAIN_PATH, ...env }, timeoutMs: RUN_MS });
      assert.ok(ended.signal === 'SIGKILL' || ended.code === 0 || ended.code === 1, ended.stderr);
      return ended.signal === 'SIGKILL';
    },
    state: () => stateOf(here.root),
    leftovers: () => leftoversOf(here.root),
    [Symbol.dispose]: here[Symbol.dispose],
  };
}

function programOf(version: string, schema: number): string {
  return `const VERSION = '${version}';\nconst SCHEMA = ${schema};\n${PROGRAM}`;
}

function stateOf(root: string): ReturnType<FakeStage['state']> {
  const database = new DatabaseSync(join(root, 'services/gateway-main/state/openclaw/state/openclaw.sqlite'), { readOnly: true });
  try {
    const rows = database.prepare('SELECT version FROM starts ORDER BY rowid').all();
    const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
    return { schema: Number(version), born: String(rows[0]?.['version']), last: String(rows.at(-1)?.['version']) };
  } finally {
    database.close();
  }
}

function leftoversOf(root: string): readonly string[] {
  const all = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const isLeft = /\.tmp$|\.partial$|(^|\/)\.before(\/|$)|^upgrade\.json$|state\/\.lobsterpot\/(?!aside)/;
  const archives = all.filter((path) => /^backups\/.*\.(json|tar\.gz)$/.test(path)).map((path) => path.replace(/\.(json|tar\.gz)$/, ''));
  const halves = [...Map.groupBy(archives, (one) => one)].filter(([, both]) => both.length !== 2).map(([path]) => path);
  return [...all.filter((path) => isLeft.test(path)), ...halves];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
