import { join } from 'node:path';

import type { Host } from '../host.ts';
import type { SshAddress } from './address.ts';
import { connection } from './connection.ts';
import { controlFolder, controlName } from './control-folder.ts';
import { farFiles } from './far-files.ts';
import { programScript } from './far-script.ts';
import type { SshClient } from './ssh-argv.ts';

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
export function sshHost(entry: { readonly name: string; readonly address: SshAddress }, options: SshOptions = {}): SshHost {
  const { name, address } = entry;
  const { configFile, connectSeconds = 10 } = options;
  let client: SshClient | undefined;
  const far = connection(name, () => {
    client ??= {
      address,
      controlPath: join(controlFolder(options.controlFolder), controlName([address.host, address.user, address.port, configFile])),
      ...(configFile === undefined ? {} : { configFile }),
      connectSeconds,
    };
    return client;
  });
  return {
    name,
    facts: () => Promise.reject(new Error('not yet')),
    ...farFiles(name, far),
    async run(argv, { stdin, timeoutMs, ...how }) {
      const answer = await far.execute({ script: programScript(argv, how), ...(stdin === undefined ? {} : { input: stdin }), timeoutMs });
      const { code, timedOut, stderr } = answer;
      // The far shell tells a program ended by signal N as 128+N, as every shell does.
      return { code, signal: undefined, timedOut, stdout: answer.stdout.toString('utf8'), stderr };
    },
    [Symbol.asyncDispose]: () => far[Symbol.asyncDispose](),
  };
}
