/** What a Compose file is made of. */
export type Yaml = string | number | boolean | readonly Yaml[] | { readonly [key: string]: Yaml | undefined };

// What no YAML reader, old or new, takes for anything but this text.
const PLAIN = /^[A-Za-z/][A-Za-z0-9_./-]*$/;
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
// What JSON leaves in a string and YAML does not allow there.
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]/g;

/** A mapping as YAML in block form, in the order given; members that are undefined or empty are left out. */
export function yamlText(value: { readonly [key: string]: Yaml | undefined }, indent = 0): string {
  const pad = ' '.repeat(indent);
  return Object.entries(value)
    .filter((entry): entry is [string, Yaml] => entry[1] !== undefined && !isEmpty(entry[1]))
    .map(([key, member]) => `${pad}${scalar(key)}:${isScalar(member) ? ` ${scalar(member)}\n` : `\n${nested(member, indent + 2)}`}`)
    .join('');
}

function nested(value: Yaml, indent: number): string {
  if (isScalar(value)) throw new TypeError('yamlText: a scalar has no lines of its own');
  if (!isList(value)) return yamlText(value, indent);
  const pad = ' '.repeat(indent);
  return value.map((one) => `${pad}- ${isScalar(one) ? `${scalar(one)}\n` : nested(one, indent + 2).trimStart()}`).join('');
}

function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  return PLAIN.test(value) && !WORDS.test(value) ? value : quoted(value);
}

/** JSON's strings are YAML's double-quoted ones, but for characters that YAML does not print. Pairs of surrogates are kept. */
function quoted(value: string): string {
  return JSON.stringify(value.toWellFormed()).replace(/[\u{10000}-\u{10ffff}]|[^]/gu, (one) =>
    one.length === 1 ? one.replace(UNPRINTABLE, (bad) => `\\u${bad.charCodeAt(0).toString(16).padStart(4, '0')}`) : one,
  );
}

function isScalar(value: Yaml): value is string | number | boolean {
  return typeof value !== 'object';
}

function isList(value: Yaml): value is readonly Yaml[] {
  return Array.isArray(value);
}

function isEmpty(value: Yaml): boolean {
  return !isScalar(value) && (isList(value) ? value.length === 0 : Object.keys(value).length === 0);
}
