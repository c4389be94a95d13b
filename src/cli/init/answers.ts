/** The three deployments that `init` can write: each begins as the example of this name. */
export const TOPOLOGIES = ['this-machine', 'one-cluster', 'two-gateways'] as const;

export type Topology = (typeof TOPOLOGIES)[number];

/** What `init` asks, in this order. */
export const KEYS = [
  'topology',
  'other',
  'dir',
  'account',
  'address',
  'provider',
  'model',
  'telegram',
  'credentials',
  'level',
  'report',
  'name',
] as const;

export type Key = (typeof KEYS)[number];

/** Everything as it was typed; what may stand in the file is the loader's to judge. */
export type Answers = Readonly<Record<Key, string>>;

export type SomeAnswers = Readonly<Partial<Record<Key, string>>>;

/** Answers that are possible together: those of the examples. What was not asked yet is judged as if it were this. */
export const EXAMPLE_ANSWERS: Answers = {
  topology: 'this-machine',
  other: 'admin@nas.local',
  dir: '/volume1/docker/openclaw',
  account: 'me',
  address: '192.168.1.10',
  provider: 'anthropic',
  model: 'claude-sonnet-5',
  telegram: '',
  credentials: 'route',
  level: 'locked',
  report: 'no',
  name: 'home',
};

/** The topology that was chosen; what is none is told apart before it comes here. */
export function topologyOf({ topology }: Pick<Answers, 'topology'>): Topology {
  return TOPOLOGIES.find((one) => one === topology) ?? 'this-machine';
}

/** The numbers of the Telegram accounts; none: no bot. */
export function numbersOf({ telegram }: Pick<Answers, 'telegram'>): readonly string[] {
  const words = telegram.split(/[\s,]+/).filter((one) => one !== '');
  return words.length === 1 && words[0] === 'none' ? [] : words;
}

/** What `connect` is to say of the other machine. */
export function connectText({ other }: Pick<Answers, 'other'>): string {
  return `ssh://${other.trim().replace(/^ssh:\/\//, '')}`;
}
