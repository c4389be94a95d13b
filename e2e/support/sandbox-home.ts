import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine, type CommandLine } from './command-line.ts';
import { exampleFile } from './deployment-file.ts';

/** A home of its own with the example in it, for calls of the command line that bring nothing up. */
export type SandboxHome = Disposable & {
  readonly home: string;
  readonly file: string;
  /** The folder that the deployment `home` would have. */
  readonly root: string;
  readonly state: string;
  readonly data: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cli: CommandLine;
  /** The same, each call run as `argv` says. */
  cliAs(argv: readonly string[]): CommandLine;
};

/** Made in the temporary folder; goes away at the end of the scope. */
export function sandboxHome(options: { readonly owner?: number; readonly text?: string } = {}): SandboxHome {
  const home = mkdtempSync(join(tmpdir(), 'lobsterpot-home-'));
  const [state, data, file] = [join(home, 'state'), join(home, 'data'), join(home, 'lobsterpot.yaml')];
  const env = { HOME: home, XDG_STATE_HOME: state, XDG_DATA_HOME: data };
  for (const folder of [state, data]) mkdirSync(folder, { mode: 0o700 });
  writeFileSync(file, options.text ?? exampleFile());
  const { owner } = options;
  if (owner !== undefined) for (const path of [home, state, data, file]) chownSync(path, owner, owner);
  return {
    home,
    file,
    root: join(state, 'lobsterpot/home'),
    state,
    data,
    env,
    cli: commandLine(home, env),
    cliAs: (argv) => commandLine(home, env, { argv }),
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}
