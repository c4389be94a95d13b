import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Engine } from '../../src/converge/engine.ts';
import { makeEngine } from '../../src/converge/make-engine.ts';
import { workspaceFrom } from '../../src/converge/workspace.ts';
import { gateBundle } from '../../src/gate/bundle.ts';
import { localHost } from '../../src/hosts/local-host.ts';
import { run, PLAIN_PATH } from '../../src/hosts/run.ts';
import { runtimePaths } from '../../src/openclaw/install/install.ts';
import { loadDeployment } from '../../src/topology/load.ts';
import { killedRun, type KillAt } from '../converge/killed-run.ts';
import { exampleFile } from '../support/deployment-file.ts';
import { fakeOpenClaw } from '../support/fake-openclaw.ts';
import { sandboxHome, type SandboxHome } from '../support/sandbox-home.ts';
import { NEW, OLD } from './versions-folder.ts';

const PROGRAM = readFileSync(join(import.meta.dirname, 'fake-version.mjs'), 'utf8');
const RUN_MS = 60_000;
const STATE = 'services/gateway-main/state';

let bundle: Promise<string> | undefined;
const bundleOnce = (): Promise<string> => (bundle ??= gateBundle());

/** A gateway alone, on this machine, with two small programs in the place of two versions of OpenClaw. */
export type FakeStage = Pick<SandboxHome, 'cli' | 'root' | 'file' | typeof Symbol.dispose> & {
  /** What a command works with, in this process: the same without the time that a program needs to begin. */
  engine(): Promise<Engine>;
  /** The file asks for this version from here on. */
  ask(version: string): void;
  asked(): string;
  /** Does that version end right after it has migrated a state? Default: the new one. */
  breakVersion(isBroken: boolean, version?: typeof OLD | typeof NEW): void;
  /** True: the run was killed there (a number or a text: at that record of its journal); false: it came to its end before. */
  killedAt(args: readonly string[], at: number | string | KillAt): Promise<boolean>;
  /** The version of the state's database; which version first made the state; which one started on it last. */
  state(): { readonly schema: number; readonly born: string; readonly last: string };
  /** Every start that the state knows of; none: there is no state yet. With a stamp: of the state that was moved aside under it. */
  starts(aside?: string): readonly string[];
  /** From here on the state knows of this too. */
  mark(text: string): void;
  /** The stamps of the states that were moved aside, oldest first. */
  asides(): readonly string[];
  /** What counts as a backup, oldest first. */
  backups(): readonly string[];
  /** What a run that was cut off could have left, below the deployment's folder. */
  leftovers(): readonly string[];
};

/** Makes it; nothing runs yet. Two that run side by side need two names. */
export async function setFakeStage(name = 'home'): Promise<FakeStage> {
  const port = await freePort();
  const text = exampleFile((document) => {
    document.set('name', name);
    document.delete('nodes');
    // It cannot use a route.
    document.deleteIn(['gateways', 'main', 'credentials']);
    document.setIn(['gateways', 'main', 'port'], port);
    document.set('openclaw', OLD);
  });
  const here = sandboxHome({ text });
  const root = join(dirname(here.root), name);
  const markOf = (version: string, schema: number): string =>
    join(dirname(runtimePaths(fakeOpenClaw(here.data, programOf(version, schema), version)).openclaw), 'broken');
  const marks = { [OLD]: markOf(OLD, 17), [NEW]: markOf(NEW, 18) };
  return {
    cli: here.cli,
    root,
    file: here.file,
    engine: () =>
      makeEngine({
        deployment: loadDeployment(here.file),
        file: here.file,
        host: localHost('this-machine'),
        workspace: workspaceFrom(here.env),
        gateBundle: bundleOnce,
      }),
    ask: (version) => writeFileSync(here.file, text.replace(OLD, version)),
    asked: () => (readFileSync(here.file, 'utf8') === text ? OLD : NEW),
    breakVersion: (isBroken, version = NEW) => (isBroken ? writeFileSync(marks[version], '') : rmSync(marks[version], { force: true })),
    killedAt: async (args, at) => {
      const where = typeof at === 'number' ? { record: at } : typeof at === 'string' ? { line: at } : at;
      const { argv, env } = killedRun(args, where);
      const ended = await run(argv, { cwd: here.home, env: { ...here.env, PATH: PLAIN_PATH, ...env }, timeoutMs: RUN_MS });
      assert.ok(ended.signal === 'SIGKILL' || ended.code === 0 || ended.code === 1, ended.stderr);
      return ended.signal === 'SIGKILL';
    },
    state: () => stateOf(root),
    starts: (aside) => startsOf(databaseOf(root, aside)),
    mark: (text) => {
      using database = new DatabaseSync(databaseOf(root));
      database.prepare('INSERT INTO starts VALUES (?)').run(text);
    },
    asides: () => namesIn(join(root, STATE, '.lobsterpot/aside')),
    backups: () =>
      namesIn(join(root, 'backups/gateway-main')).flatMap((name) => (/^[^.].*\.json$/.test(name) ? [name.slice(0, -'.json'.length)] : [])),
    leftovers: () => leftoversOf(root),
    [Symbol.dispose]: here[Symbol.dispose],
  };
}

function programOf(version: string, schema: number): string {
  return `const VERSION = '${version}';\nconst SCHEMA = ${schema};\n${PROGRAM}`;
}

function stateOf(root: string): ReturnType<FakeStage['state']> {
  using database = new DatabaseSync(databaseOf(root), { readOnly: true });
  const starts = startsIn(database);
  const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
  return { schema: Number(version), born: starts[0] ?? '', last: starts.at(-1) ?? '' };
}

function startsOf(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  using database = new DatabaseSync(path, { readOnly: true });
  return startsIn(database);
}

function startsIn(database: DatabaseSync): readonly string[] {
  const rows = database.prepare('SELECT version FROM starts ORDER BY rowid').all();
  return rows.map((row) => String(row['version']));
}

function databaseOf(root: string, aside?: string): string {
  return join(root, STATE, aside === undefined ? '' : join('.lobsterpot/aside', aside), 'openclaw/state/openclaw.sqlite');
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).toSorted() : [];
}

function leftoversOf(root: string): readonly string[] {
  const all = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const isLeft = /\.tmp$|\.partial$|(^|\/)\.before(\/|$)|^(upgrade|restoring)\.json$|state\/\.lobsterpot\/(?!aside)/;
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
