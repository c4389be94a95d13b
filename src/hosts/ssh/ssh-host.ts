import { readlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { EXIT } from '../../core/exit-code.ts';
import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import { doorScript, enterDoor } from '../engine-door.ts';
import { factsScript } from '../facts-script.ts';
import type { Host } from '../host.ts';
import { parseFacts } from '../parse-facts.ts';
import { checkedAddress, type SshAddress } from './address.ts';
import { connection } from './connection.ts';
import { controlFolder, controlName } from './control-folder.ts';
import { farFiles } from './far-files.ts';
import { programScript } from './far-script.ts';
import { tooSlow } from './file-answers.ts';
import type { SshClient } from './ssh-argv.ts';

/** Docker may take its time on a NAS; each of its commands has a limit of its own. */
const FACTS_MS = 90_000;

/** A host over ssh; leaving the scope lets its shared connection end. */
export type SshHost = Host & AsyncDisposable;

export type SshOptions = {
  /** In place of the user's own configuration file. */
  readonly configFile?: string;
  /** In place of the user's private folder for sockets; its path must be short. */
  readonly controlFolder?: string;
  readonly connectSeconds?: number;
};

/** A machine reached by the system's ssh client; it needs a POSIX shell there and nothing else. Nothing is opened before the first use. */
export function sshHost(entry: { readonly name: string; readonly connect: SshAddress }, options: SshOptions = {}): SshHost {
  const { name } = entry;
  const address = checkedAddress(entry.connect);
  const { configFile, connectSeconds = 10 } = options;
  let client: SshClient | undefined;
  const far = connection(name, () => {
    client ??= {
      address,
      controlPath: join(
        controlFolder(options.controlFolder),
        controlName([address.host, address.user, address.port, configFile, ...surroundings()]),
      ),
      ...(configFile === undefined ? {} : { configFile }),
      connectSeconds,
    };
    return client;
  });
  return {
    name,
    async facts(ask = {}) {
      const answer = await far.execute({ script: factsScript(ask), timeoutMs: FACTS_MS, repeatable: true });
      if (answer.timedOut) throw tooSlow(name, 'tell what it is');
      const facts = parseFacts(answer.stdout.toString('utf8'), {
        ...ask,
        ...(answer.beganAt === undefined ? {} : { beganAt: answer.beganAt }),
      });
      if (facts === undefined) throw noFacts(name, answer.stderr);
      return facts;
    },
    engineDoor: (ask) => enterDoor(far.pipe(doorScript(ask), 'docker'), ask),
    pipe: (argv, how = {}) => far.pipe(programScript(argv, how), argv[0] ?? ''),
    ...farFiles(name, far),
    async run(argv, { stdin, timeoutMs, ...how }) {
      const answer = await far.execute({ script: programScript(argv, how), ...(stdin === undefined ? {} : { input: stdin }), timeoutMs });
      const { code, timedOut, stderr } = answer;
      // The far shell tells a program ended by signal N as 128+N, as every shell does.
      return { code, signal: undefined, timedOut, stdout: answer.stdout.toString('utf8'), stderr };
    },
    [Symbol.asyncDispose]: async () => {
      // Never used: there is nothing to end.
      if (client) await far[Symbol.asyncDispose]();
    },
  };
}

/** What decides where a name leads and who is let in there: another home, or another network, is another way. */
function surroundings(): readonly string[] {
  return [homedir(), process.env['HOME'] ?? '', networkNamespace()];
}

function networkNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/net');
  } catch {
    return '';
  }
}

function noFacts(name: string, stderr: string): Problem {
  return new Problem('hosts/ssh-shell', `host ${name} runs commands and does not tell what it is`, {
    cause: plainText(stderr.trim().split('\n').at(-1) ?? '', 500) || 'uname and id gave nothing',
    fix: 'look at it there: uname -a; id ; it needs the usual programs of a POSIX system',
    exit: EXIT.unreachable,
  });
}
