import { readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { workspaceFrom } from '../../converge/workspace.ts';
import { stableJson } from '../../core/json.ts';
import { localHost } from '../../hosts/local-host.ts';
import type { Io } from '../io.ts';
import type { Examples, Place } from './compose.ts';
import { answersOf, type Flags } from './flags.ts';
import { draft, judged } from './judge.ts';
import { lookAtMachine } from './look-at-machine.ts';
import { openPrompt } from './prompt.ts';
import { interview, type Judge, notTaken, settled } from './settle.ts';
import { describeWritten, jsonOf } from './told.ts';
import { shortPath } from './typed-path.ts';
import { refuseTaken, writeNew } from './write-new.ts';

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
  const written = { file: shortPath(path), answers, deployment };
  io.out(options.json === true ? stableJson(jsonOf(written)) : describeWritten(written));
}

async function askAll(io: Io, how: Parameters<typeof interview>[2]): ReturnType<typeof interview> {
  using prompt = openPrompt();
  io.talk('one file is written, and nothing else is done. Enter takes what stands in [brackets]\n');
  return await interview(prompt.ask, (text) => io.talk(text), how);
}

function readExamples(): Examples {
  const read = (example: string): string => readFileSync(new URL(`examples/${example}/lobsterpot.yaml`, ROOT), 'utf8');
  return { 'this-machine': read('this-machine'), 'one-cluster': read('one-cluster'), 'two-gateways': read('two-gateways') };
}

/** An editor finds the schema where it lies below the folder of the file. */
function schemaFrom(path: string): Pick<Place, 'schema'> {
  const way = relative(dirname(path), fileURLToPath(new URL('lobsterpot.schema.json', ROOT)));
  return way.startsWith('..') || isAbsolute(way) || /\s/.test(way) ? {} : { schema: `./${way}` };
}
