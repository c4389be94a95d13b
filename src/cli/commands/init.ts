import type { Command } from 'commander';

import { standard } from '../help.ts';
import type { InitOptions } from '../init/make-file.ts';
import type { Session } from '../program.ts';

const NOTES = `
Without a terminal, and with --yes, nothing is asked: what no option says is what Enter takes.
It writes no secret and asks for none, reaches no other machine, and never overwrites a file.`;

/** `lobsterpot init`: a first lobsterpot.yaml, by a few questions or by options. */
export function registerInit(program: Command, session: Session): void {
  const command = program
    .command('init')
    .description('write a first lobsterpot.yaml: asks what should run where and what may leave')
    .option('-f, --file <path>', 'where to write it (default: ./lobsterpot.yaml)')
    .option('-y, --yes', 'ask nothing')
    .option('--hosts <hosts>', 'local: this machine alone; local,ACCOUNT@HOST: and the machine that ssh reaches so')
    .option('--two-gateways', 'two independent instances, one on each of the two hosts; otherwise a gateway here and its node there')
    .option('--dir <folder>', 'the folder on the other host that everything lies in')
    .option('--link <account@address>', 'how the other host reaches this one: your account here, and the address of this machine')
    .option('--provider <name>', 'who serves the model: anthropic, openai, openrouter or google')
    .option('--model <id>', 'the model, by the name that its provider gives it')
    .option('--telegram <numbers>', 'a Telegram bot that hears these accounts, by their numbers: 123456,234567')
    .option('--credentials <where>', "route: the gate alone has the model's key and the bot's token; file: OpenClaw has them")
    .option('--level <level>', 'how much may leave without a rule of yours: locked, balanced or open')
    .option('--report', 'begin in report mode: what no rule names passes too, and is written down')
    .option('--name <name>', 'the name of the deployment');
  standard(command, ['findings', 'cancelled'])
    .addHelpText('after', NOTES)
    .action(async (options: InitOptions) => {
      const { makeFile } = await import('../init/make-file.ts');
      await makeFile(session.io, options);
    });
}
