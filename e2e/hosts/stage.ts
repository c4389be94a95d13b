import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Lab } from '../../lab/lab.ts';
import { until } from '../../src/core/wait.ts';
import type { RunResult } from '../../src/hosts/host.ts';
import { TYPED } from '../support/command-line.ts';
import { parseJson } from '../support/stage.ts';

/** A deployment on the lab's two hosts, brought up from the operator's place over ssh. */
export type HostsStage = {
  readonly lab: Lab;
  readonly file: string;
  /** The keys that the stand-in model and the stand-in Telegram expect. */
  readonly modelKey: string;
  readonly telegramToken: string;
  /** Everything that every call of the command line printed. */
  readonly said: { readonly args: readonly string[]; readonly text: string }[];
  cli(args: readonly string[], options?: { readonly stdin?: string; readonly timeoutMs?: number }): Promise<RunResult>;
  text(): string;
  write(text: string): void;
};

/** A folder of the operator with a deployment file in it; the state of earlier stages is not its own. */
export function hostsStage(lab: Lab, name: string, text: string): HostsStage {
  const folder = join(lab.operator.home, name);
  mkdirSync(folder, { recursive: true });
  copyFileSync(lab.internet.caFile, join(folder, 'lab-ca.pem'));
  const file = join(folder, 'lobsterpot.yaml');
  const write = (content: string): void => writeFileSync(file, content);
  write(text);
  const said: { args: readonly string[]; text: string }[] = [];
  return {
    lab,
    file,
    said,
    write,
    text: () => readFileSync(file, 'utf8'),
    modelKey: readFileSync(lab.internet.modelKeyFile, 'utf8').trim(),
    telegramToken: readFileSync(lab.internet.telegramTokenFile, 'utf8').trim(),
    cli: async (args, { stdin, timeoutMs = 60_000 } = {}) => {
      // What follows `--` belongs to the node.
      const own = args.includes('--') ? args.indexOf('--') : args.length;
      const typed = [...TYPED, ...args.slice(0, own), '--file', file, ...args.slice(own)];
      const ended = await lab.operator.run(typed, { timeoutMs, ...(stdin === undefined ? {} : { stdin }) });
      said.push({ args, text: ended.stdout + ended.stderr });
      return ended;
    },
  };
}

const status = z.object({
  services: z.array(z.object({ name: z.string(), host: z.string(), state: z.string() })),
  nodes: z.array(z.object({ name: z.string(), state: z.string() })),
  strangers: z.array(z.unknown()),
});

/** What `status --json` says. */
export async function statusOf(stage: HostsStage): Promise<z.infer<typeof status> & { readonly code: number | undefined }> {
  const { code, stdout, stderr } = await stage.cli(['status', '--json']);
  const parsed = status.safeParse(parseJson(stdout));
  if (!parsed.success) throw new Error(`status: exit ${code}: ${stdout}\n${stderr}`);
  return { ...parsed.data, code };
}

/** Waits until everything is healthy and every node connected. */
export async function wellAgain(stage: HostsStage): Promise<boolean> {
  return (await until(async () => ((await statusOf(stage)).code === 0 ? true : undefined), { timeoutMs: 90_000, everyMs: 1000 })) === true;
}
