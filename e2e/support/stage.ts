import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Engine } from '../../src/converge/engine.ts';
import { makeEngine } from '../../src/converge/make-engine.ts';
import { workspaceFrom } from '../../src/converge/workspace.ts';
import { PLAIN_PATH } from '../../src/hosts/run.ts';
import { localHost } from '../../src/hosts/local-host.ts';
import type { Runtime } from '../../src/runtimes/runtime.ts';
import { loadDeployment } from '../../src/topology/load.ts';
import { currentLab, type LabClient } from '../lab/lab-client.ts';
import { commandLine, type CommandLine } from './command-line.ts';
import { exampleFile } from './deployment-file.ts';
import { processes } from './processes.ts';

/** One deployment on the lab's host, which all chapters of the scenario work on in turn. */
export type Stage = {
  readonly lab: LabClient;
  readonly home: string;
  readonly file: string;
  /** The deployment's folder. */
  readonly root: string;
  /** The environment of every call of the command line. */
  readonly env: Readonly<Record<string, string>>;
  readonly cli: CommandLine;
  readonly runtime: Runtime;
  /** The key that the stand-in model expects. */
  readonly modelKey: string;
  /** The token that the stand-in Telegram expects. */
  readonly telegramToken: string;
  /** Everything that every call of the command line printed. */
  readonly said: { readonly args: readonly string[]; readonly text: string }[];
  /** Processes that were there before the deployment. */
  readonly before: ReadonlySet<number>;
  /** The processes of the deployment, its supervisor included. */
  own(): ReturnType<typeof processes>;
};

/** Prepares an empty home with the example's file in it. `LOBSTERPOT_E2E_DATA` is the folder that holds the installed OpenClaw. */
export async function setStage(): Promise<Stage> {
  const lab = currentLab();
  const data = process.env['LOBSTERPOT_E2E_DATA'];
  if (!lab || data === undefined) throw new Error('the scenario runs in the lab: see e2e/whole.e2e.test.ts');
  const home = join(lab.folder, 'home');
  const env = { HOME: home, XDG_STATE_HOME: join(home, 'state'), XDG_DATA_HOME: join(home, 'data') };
  mkdirSync(env.XDG_DATA_HOME);
  // What is installed is shared between runs; nothing may be fetched in the lab.
  symlinkSync(data, join(env.XDG_DATA_HOME, 'lobsterpot'));
  copyFileSync(lab.caFile, join(home, 'lab-ca.pem'));
  const file = join(home, 'lobsterpot.yaml');
  writeFileSync(
    file,
    exampleFile((document) => document.setIn(['egress', 'ca'], 'lab-ca.pem')),
  );
  const engine = await makeEngine({
    deployment: loadDeployment(file),
    file,
    host: localHost('this-machine'),
    workspace: workspaceFrom(env),
    gateBundle: async () => '',
  });
  const said: { args: readonly string[]; text: string }[] = [];
  const before = new Set(processes().map((one) => one.pid));
  return {
    lab,
    home,
    file,
    root: engine.root,
    env: { PATH: PLAIN_PATH, ...env },
    cli: commandLine(home, env, { onEnd: (args, ended) => said.push({ args, text: ended.stdout + ended.stderr }) }),
    runtime: await onlyRuntime(engine),
    modelKey: readFileSync(lab.modelKeyFile, 'utf8').trim(),
    telegramToken: readFileSync(lab.telegramTokenFile, 'utf8').trim(),
    said,
    before,
    own: () => processes(before),
  };
}

const status = z.object({
  services: z.array(
    z.object({
      name: z.string(),
      state: z.string(),
      pid: z.number().optional(),
      restarts: z.number().optional(),
      sinceMs: z.number().optional(),
    }),
  ),
  nodes: z.array(z.object({ name: z.string(), state: z.string(), deviceId: z.string().optional() })),
  strangers: z.array(
    z.object({ id: z.string(), standing: z.string(), displayName: z.string().optional(), requestId: z.string().optional() }),
  ),
});

async function onlyRuntime(engine: Engine): Promise<Runtime> {
  const [site] = (await engine.sites()).values();
  if (!site) throw new Error('the deployment has no host');
  return site.runtime;
}

/** What `lobsterpot status --json` says, and its exit code. */
export async function statusOf(stage: Stage): Promise<z.infer<typeof status> & { readonly code: number | undefined }> {
  const { code, stdout, stderr } = await stage.cli(['status', '--json']);
  const parsed = status.safeParse(parseJson(stdout));
  if (!parsed.success) throw new Error(`status: exit ${code}: ${stdout}\n${stderr}`);
  return { ...parsed.data, code };
}

/** What the gateway's log shows of every run of the agent, also of one that nobody asked for. */
export const AGENT_RUN = /chatId=heartbeat|agent\/embedded|lane=session/;

/** undefined when it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
