import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';

import { workspaceFrom } from '../../converge/workspace.ts';
import { EXIT } from '../../core/exit-code.ts';
import { stableJson } from '../../core/json.ts';
import { Problem } from '../../core/problem.ts';
import type { Host } from '../../hosts/host.ts';
import { localHost } from '../../hosts/local-host.ts';
import type { Io } from '../io.ts';
import type { Examples, Place } from './compose.ts';
import { answersOf, type Flags } from './flags.ts';
import { draft, judged } from './judge.ts';
import { lookAtMachine } from './look-at-machine.ts';
import { openPrompt } from './prompt.ts';
import { interview, type Judge, notTaken, settled } from './settle.ts';
import { describeWritten, jsonOf } from './told.ts';

const ROOT = new URL('../../../', import.meta.url);

export type InitOptions = Flags & { readonly file?: string; readonly yes?: boolean; readonly json?: boolean };

/** `lobsterpot init`: asks or is told, and writes one file where none is. Nothing else is changed, here or elsewhere. */
export async function makeFile(io: Io, options: InitOptions): Promise<void> {
  const path = resolve(options.file ?? 'lobsterpot.yaml');
  const host = localHost('this-machine');
  await refuseTaken(host, path);
  const examples = readExamples();
  const { port, ...machine } = await lookAtMachine(host, workspaceFrom(process.env), path);
  const place: Place = { docker: platform() === 'darwin', port, ...schemaFrom(path) };
  const judge: Judge = notTaken(machine, (given, key, typed) => judged(examples, given, key, typed, place));
  const given = answersOf(options);
  const isAsked = options.yes !== true && process.stdin.isTTY;
  const answers = isAsked ? await askAll(io, { given, machine, judge }) : settled(given, machine, judge);
  const { text, deployment } = draft(examples, answers, place);
  await writeNew(host, path, text);
  const written = { file: shortName(path), answers, deployment };
  io.out(options.json === true ? stableJson(jsonOf(written)) : describeWritten(written));
}

async function askAll(io: Io, how: Parameters<typeof interview>[2]): ReturnType<typeof interview> {
  using prompt = openPrompt();
  io.talk('one file is written, and nothing else is done. Enter takes what stands in [brackets]\n');
  return await interview(prompt.ask, (text) => io.talk(text), how);
}

async function refuseTaken(host: Host, path: string): Promise<void> {
  const [state] = await host.stat([path]);
  if (state?.kind !== 'absent') throw taken(path);
}

/** The whole file at once, and never over another one: a name that is taken meanwhile stays what it is. */
async function writeNew(host: Host, path: string, text: string): Promise<void> {
  const made = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.new`);
  try {
    await host.write(made, text, { mode: 0o644 });
    if (!(await host.link(made, path))) throw taken(path);
  } finally {
    await host.remove(made);
  }
}

function taken(path: string): Problem {
  const file = shortName(path);
  return new Problem('init/taken', `there is a ${file} already`, {
    cause: 'init writes a new file and changes none',
    fix: `move it away (mv ${file} ${file}.old), or write another one: npx lobsterpot init --file other.yaml`,
    exit: EXIT.usage,
  });
}

function readExamples(): Examples {
  const read = (example: string): string => readFileSync(new URL(`examples/${example}/lobsterpot.yaml`, ROOT), 'utf8');
  return { 'this-machine': read('this-machine'), 'one-cluster': read('one-cluster'), 'two-gateways': read('two-gateways') };
}

/** An editor finds the schema where it lies below the folder of the file. */
function schemaFrom(path: string): Pick<Place, 'schema'> {
  const way = relative(dirname(path), new URL('lobsterpot.schema.json', ROOT).pathname);
  return way.startsWith('..') || isAbsolute(way) || /\s/.test(way) ? {} : { schema: `./${way}` };
}

function shortName(path: string): string {
  const name = relative(process.cwd(), path);
  return name.startsWith('..') || isAbsolute(name) ? path : name;
}
