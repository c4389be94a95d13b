import { parsePublicKey, type PublicKey } from './public-key.ts';

const NAME = /^[a-z][a-z0-9-]{0,30}$/;

/** Whose key a line holds. */
export type LinkName = { readonly deployment: string; readonly node: string };

/** A line of authorized_keys that holds a key. */
export type KeyLine = { readonly options: string; readonly key: PublicKey; readonly comment: string };

/**
 * The line that lets one node's host reach one port of the gateway's host, and nothing else of it by the means that such a line has.
 * `permitlisten` needs a host and a port (there is no `none`), so it names one that nobody listens on and only root could;
 * without it and without `command` the same key forwards ports backwards and runs commands.
 */
export function authorizedLine(link: LinkName & { readonly publicKey: string; readonly gatewayPort: number }): string {
  const key = parsePublicKey(link.publicKey);
  const { gatewayPort: port } = link;
  if (!key || !NAME.test(link.deployment) || !NAME.test(link.node) || !Number.isInteger(port) || port < 1 || port > 65_535)
    throw new TypeError('authorizedLine: not a key, a name or a port');
  const options = ['restrict', 'port-forwarding', `permitopen="127.0.0.1:${port}"`, 'permitlisten="127.0.0.1:1"', 'command="/bin/false"'];
  return `${options.join(',')} ${key.type} ${key.blob} ${linkComment(link)}`;
}

/** `lobsterpot:<deployment>:<node>`: by it the lines of a deployment are found again. */
export function linkComment({ deployment, node }: LinkName): string {
  return `lobsterpot:${deployment}:${node}`;
}

/** The deployment and node that a comment names; undefined when the line is not lobsterpot's. */
export function parseLinkComment(comment: string): LinkName | undefined {
  const [brand, deployment = '', node = '', ...rest] = comment.split(':');
  return brand === 'lobsterpot' && NAME.test(deployment) && NAME.test(node) && rest.length === 0 ? { deployment, node } : undefined;
}

/** One line as sshd reads it: a key, or options and a key; undefined for a comment, an empty line and what sshd would skip. */
export function parseKeyLine(line: string): KeyLine | undefined {
  const text = line.replace(/\r?\n?$/, '').replace(/^[ \t]+/, '');
  if (text === '' || text.startsWith('#')) return undefined;
  const bare = keyAndComment(text);
  if (bare) return { options: '', ...bare };
  const end = endOfOptions(text);
  const behind = keyAndComment(text.slice(end).replace(/^[ \t]+/, ''));
  return behind && { options: text.slice(0, end), ...behind };
}

function keyAndComment(text: string): Pick<KeyLine, 'key' | 'comment'> | undefined {
  const match = /^([^ \t]+)[ \t]+([^ \t]+)[ \t]*(.*)$/.exec(text);
  const key = match && parsePublicKey(`${match[1]} ${match[2]}`);
  return key ? { key, comment: (match[3] ?? '').trimEnd() } : undefined;
}

/** Where the first blank outside double quotes is; a backslash takes its meaning from a quote that follows. */
function endOfOptions(text: string): number {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\\' && text[at + 1] === '"') at++;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && (char === ' ' || char === '\t')) return at;
  }
  return text.length;
}
