import { levelHosts } from '../../policy/levels.ts';
import { type Answers, EXAMPLE_ANSWERS, type Key, KEYS, type SomeAnswers, topologyOf } from './answers.ts';

/** What is known of this machine and becomes a default; absent where it could not be seen. */
export type Machine = {
  readonly account?: string;
  readonly address?: string;
  /** Deployments that were brought up here by other files: name -> file. */
  readonly deployments: ReadonlyMap<string, string>;
};

type Choice = { readonly value: string; readonly means: string };

/** One question: when it is asked, its words, and what Enter takes. */
export type Question = {
  readonly isAsked: (answers: Answers, machine: Machine) => boolean;
  readonly words: (answers: Answers, machine: Machine) => string;
  /** Where nothing else can be answered. */
  readonly choices?: readonly Choice[];
  readonly fallback: (answers: Answers, machine: Machine) => string;
};

/** The first that comes to mind of each provider; any other id is as good. */
const MODELS: Readonly<Record<string, string>> = {
  anthropic: 'claude-sonnet-5',
  openai: 'gpt-5.5',
  openrouter: 'anthropic/claude-sonnet-5',
  google: 'gemini-3.5-flash',
};

const always = (): boolean => true;
const hasOther = (answers: Answers): boolean => topologyOf(answers) !== 'this-machine';
const isCluster = (answers: Answers): boolean => topologyOf(answers) === 'one-cluster';

/** Every question, by what it answers. */
export const QUESTIONS: Readonly<Record<Key, Question>> = {
  topology: {
    isAsked: always,
    words: () => 'where should OpenClaw run?',
    choices: [
      { value: 'this-machine', means: 'this machine alone: the agent, and beside it the place where it may run commands' },
      { value: 'one-cluster', means: 'this machine and another over ssh: the agent here, its commands there' },
      { value: 'two-gateways', means: 'two independent instances: one here, one on another machine over ssh' },
    ],
    fallback: () => 'this-machine',
  },
  other: {
    isAsked: hasOther,
    words: () => 'the other machine, as you reach it with ssh (your own key must let you in without a password)',
    fallback: () => 'admin@nas.local',
  },
  dir: {
    isAsked: hasOther,
    words: () => 'a folder there for everything of it; it is made for you (- is the state folder of that account)',
    fallback: () => '/volume1/docker/openclaw',
  },
  account: {
    isAsked: isCluster,
    words: () => "your account on this machine: it takes the key of the other one's tunnel, for the tunnel alone",
    fallback: (_answers, { account }) => account ?? '',
  },
  address: {
    isAsked: isCluster,
    words: () => 'the address of this machine in your network, as the other one sees it; best a fixed one, as a number',
    fallback: (_answers, { address }) => address ?? '',
  },
  provider: {
    isAsked: always,
    words: () => 'who serves the model? Its key is not asked for here',
    choices: ['anthropic', 'openai', 'openrouter', 'google'].map((value) => ({ value, means: '' })),
    fallback: () => 'anthropic',
  },
  model: {
    isAsked: always,
    words: () => 'the model, by the name that its provider gives it',
    fallback: ({ provider }) => MODELS[provider] ?? '',
  },
  telegram: {
    isAsked: always,
    words: (answers) =>
      `a Telegram bot${topologyOf(answers) === 'two-gateways' ? ' for each' : ''}? The numbers of the accounts that it hears (@userinfobot tells you yours), or none`,
    fallback: () => 'none',
  },
  credentials: {
    isAsked: always,
    words: () => "where should the model's key and a bot's token be?",
    choices: [
      {
        value: 'route',
        means: 'at the gate alone: the agent cannot read or leak them. The price: with Anthropic no beta fields and no Code Mode',
      },
      {
        value: 'file',
        means: "in OpenClaw's files, with all extras of the provider. The price: the agent can read them, and no budget is kept",
      },
    ],
    fallback: () => 'route',
  },
  level: {
    isAsked: always,
    words: () => 'how much may leave without a rule of yours?',
    choices: [
      { value: 'locked', means: "the model's provider and the bot's, nothing else" },
      {
        value: 'balanced',
        means: `also ${levelHosts('balanced').length} hosts for reading: an encyclopedia, the weather, manuals (docs/config.md names them)`,
      },
      { value: 'open', means: 'whatever a policy may open; it is written down, and the proof fails for it' },
    ],
    fallback: () => 'locked',
  },
  report: {
    // `open` lets the same pass.
    isAsked: ({ level }) => level !== 'open',
    words: () => 'begin with a day of report mode?',
    choices: [
      { value: 'no', means: 'what no rule names is denied, and waits for your word in: npx lobsterpot egress pending' },
      {
        value: 'yes',
        means: [
          'advised for a first day without anything private: you see what your agent needs. What no rule names passes and is',
          'written down, to every host and port of the internet and of your network. Closed stay this machine, loopback,',
          'link-local and metadata addresses, and DNS. The proof fails for what passes, and up ends with 1, until you take',
          '`mode: report` out of the file and run: npx lobsterpot up',
        ].join('\n'),
      },
    ],
    fallback: () => 'no',
  },
  name: {
    isAsked: (_answers, { deployments }) => deployments.has('home'),
    words: (_answers, { deployments }) =>
      `its name? home is the deployment of ${deployments.get('home') ?? ''}; this one runs beside it, with a port of its own`,
    fallback: (_answers, { deployments }) => freeName(deployments),
  },
};

function freeName(deployments: ReadonlyMap<string, string>): string {
  for (let more = 1; ; more += 1) {
    const name = more === 1 ? 'home' : `home-${more}`;
    if (!deployments.has(name)) return name;
  }
}

/** What was given, and for the rest what Enter would take. Pure. */
export function filled(given: SomeAnswers, machine: Machine): Answers {
  return KEYS.reduce((answers, key) => ({ ...answers, [key]: given[key] ?? QUESTIONS[key].fallback(answers, machine) }), EXAMPLE_ANSWERS);
}

/** The value of a choice by its number, its name or how that begins; undefined: none of them, or several. */
export function chosen(choices: readonly Choice[], typed: string): string | undefined {
  const word = typed.toLowerCase();
  if (/^[1-9]$/.test(word)) return choices[Number(word) - 1]?.value;
  const begun = word === '' ? [] : choices.filter(({ value }) => value.startsWith(word));
  return choices.find(({ value }) => value === word)?.value ?? (begun.length === 1 ? begun[0]?.value : undefined);
}

/** A question as it stands on the terminal; the last line ends where the answer is typed. */
export function shownQuestion({ words, choices, fallback }: Question, answers: Answers, machine: Machine): string {
  const usual = fallback(answers, machine);
  const width = Math.max(0, ...(choices ?? []).map(({ value }) => value.length));
  const indent = `\n${' '.repeat(width + 7)}`;
  const lines = (choices ?? []).map(({ value, means }, at) =>
    `  ${at + 1}  ${value.padEnd(width)}  ${means.replaceAll('\n', indent)}`.trimEnd(),
  );
  return ['', words(answers, machine), ...lines, usual === '' ? '> ' : `[${usual}] > `].join('\n');
}
