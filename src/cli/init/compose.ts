import { type Document, isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';

import { readConnect } from '../../topology/connect.ts';
import { FIRST_GATEWAY_PORT, GATEWAY_PORT_STEP } from '../../topology/schema.ts';
import { type Answers, connectText, numbersOf, type Topology, topologyOf } from './answers.ts';
import { gatewaysOf, LOCAL, modelSecret, nameOfOther, telegramSecret } from './names.ts';
import { reworded, setAside, takenIn, withoutLines } from './template.ts';

/** The texts of the examples, by name. */
export type Examples = Readonly<Record<Topology, string>>;

/** What is not asked: whether this machine needs containers, a free port for its Control UI, and where the schema lies from the file, if it is near. */
export type Place = { readonly docker: boolean; readonly port: number; readonly schema?: string };

/**
 * The text of `lobsterpot.yaml` for these answers: the example of the topology, its comments, with what was answered in the place of
 * what was made up. Bad answers stand in it as they are, for the loader to refuse. Pure.
 */
export function compose(examples: Examples, answers: Answers, place: Place): string {
  const topology = topologyOf(answers);
  const other = nameOfOther(answers);
  const read = (example: Topology): Document.Parsed => parseDocument(prepared(examples[example], answers, place));
  const document = read(topology);
  const first = read('this-machine');
  document.setIn(['name'], answers.name);
  switch (topology) {
    case 'this-machine':
      if (place.docker)
        putAfter(mapAt(document, ['gateways', 'main']), 'host', pairAt(read('one-cluster'), ['gateways', 'main'], 'runtime'));
      break;
    case 'one-cluster':
      setHost(document, other, answers);
      document.setIn(['nodes', other, 'link', 'user'], answers.account);
      document.setIn(['nodes', other, 'link', 'address'], answers.address);
      // What it lists beside uname is about folders that are not there.
      document.deleteIn(['nodes', other, 'exec', 'allow', 1]);
      break;
    case 'two-gateways':
      setHost(document, other, answers);
      if (place.port !== FIRST_GATEWAY_PORT)
        putAfter(mapAt(document, ['gateways', 'work']), 'runtime', pairAt(first, ['gateways', 'main'], 'port'));
      break;
  }
  for (const gateway of gatewaysOf(topology)) setGateway(document, gateway, answers, first);
  replacePair(mapAt(document, []), pairAt(first, [], 'egress'));
  document.setIn(['egress', 'level'], answers.level);
  return `${document.toString({ lineWidth: 0 }).trimEnd()}\n`;
}

/** An example in the words of these machines, before it is read as YAML. Nothing of an answer comes in here that could be more than a word. */
function prepared(text: string, answers: Answers, { port, schema }: Place): string {
  const topology = topologyOf(answers);
  const hasBot = numbersOf(answers).length > 0;
  const other = nameOfOther(answers);
  const words: readonly (readonly [RegExp, string])[] = [
    [/^# yaml-language-server:.*\n#\n/, schema === undefined ? '' : `# yaml-language-server: $schema=${schema}\n#\n`],
    ...(topology === 'this-machine'
      ? []
      : ([
          [/\bnas\b(?!\.local)/g, other],
          [/\bclient: main\b/g, `client: ${gatewaysOf(topology)[0]}`],
        ] as const)),
    // The second port is that of the other instance, which is brought here beside the first.
    [/\b18989\b/g, String(port + GATEWAY_PORT_STEP)],
    [/\b18789\b/g, String(port)],
    [/\bmac-mini\b/g, LOCAL],
    [/\b(?:[Tt]he|a) Mac mini\b/g, 'this machine'],
    [/\b(?:[Tt]he|a) NAS\b/g, other],
    [/(?<=`ssh )admin@nas\.local/, sshTarget(answers)],
    [/\banthropic_api_key\b/g, modelSecret(answers, 'main')],
    ...gatewaysOf('two-gateways').map((one) => [new RegExp(`\\b${one}_\\w+_key\\b`, 'g'), modelSecret(answers, one)] as const),
  ];
  const all = withoutLines(reworded(text, words), /^# +npm start /);
  const bot = hasBot ? takenIn(all, 'channels') : withoutLines(all, /^ *# +npx .* \w+_telegram_token$/);
  return setAside(answers.report === 'yes' ? takenIn(bot, 'mode') : bot, 'volumes');
}

/** How ssh is told where the other machine is. */
function sshTarget(answers: Answers): string {
  const connect = readConnect(connectText(answers));
  if (!('kind' in connect) || connect.kind === 'local') return 'admin@nas.local';
  const { user, host, port } = connect;
  return `${port === undefined ? '' : `-p ${port} `}${user === undefined ? '' : `${user}@`}${host}`;
}

function setHost(document: Document, other: string, answers: Answers): void {
  document.setIn(['hosts', other, 'connect'], connectText(answers));
  if (answers.dir === '' || answers.dir === '-') document.deleteIn(['hosts', other, 'dir']);
  else document.setIn(['hosts', other, 'dir'], answers.dir);
}

function setGateway(document: Document, name: string, answers: Answers, first: Document): void {
  const at = ['gateways', name];
  const gateway = mapAt(document, at);
  document.setIn([...at, 'credentials'], answers.credentials);
  document.setIn([...at, 'model', 'provider'], answers.provider);
  document.setIn([...at, 'model', 'id'], answers.model);
  document.setIn([...at, 'model', 'apiKey', 'secret'], modelSecret(answers, name));
  const numbers = numbersOf(answers);
  if (numbers.length === 0) {
    gateway.delete('channels');
    // How a bot and a budget would be written.
    if (name === 'main') gateway.comment ??= mapAt(first, at).comment?.trimEnd() ?? null;
    return;
  }
  if (!gateway.has('channels')) gateway.items.push(pairAt(first, at, 'channels'));
  document.setIn([...at, 'channels', 'telegram', 'botToken', 'secret'], telegramSecret(name));
  document.setIn([...at, 'channels', 'telegram', 'allowFrom'], document.createNode(numbers, { flow: true }));
}

function mapAt(document: Document, path: readonly string[]): YAMLMap {
  const found: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  if (isMap(found)) return found;
  throw new TypeError(`an example has no map at ${path.join('.')}`);
}

function pairAt(document: Document, path: readonly string[], key: string): Pair {
  const found = mapAt(document, path).items.find((one) => isScalar(one.key) && one.key.value === key);
  if (found) return found;
  throw new TypeError(`an example has no ${[...path, key].join('.')}`);
}

function replacePair(map: YAMLMap, pair: Pair): void {
  const name = isScalar(pair.key) ? pair.key.value : undefined;
  const at = map.items.findIndex((one) => isScalar(one.key) && one.key.value === name);
  map.items.splice(at, 1, pair);
}

function putAfter(map: YAMLMap, key: string, pair: Pair): void {
  const at = map.items.findIndex((one) => isScalar(one.key) && one.key.value === key);
  map.items.splice(at + 1, 0, pair);
}
