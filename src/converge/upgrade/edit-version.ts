import { isMap, isScalar, parseDocument } from 'yaml';

/** The version, and the image that holds it where the file names one. */
export type VersionEdit = { readonly openclaw: string; readonly image?: string };

/** A deployment's file with another version in it, every other byte as it was. The file was read and checked before. Pure. */
export function editVersion(text: string, edit: VersionEdit): string {
  return Object.entries(edit).reduce((before, [key, value]) => setTop(before, key, value), text);
}

function setTop(text: string, key: string, value: string): string {
  const document = parseDocument(text);
  const { contents } = document;
  if (!isMap(contents)) throw new TypeError('a deployment is a map');
  const at = (name: string): readonly [number, number] | undefined => {
    const pair = contents.items.find((one) => isScalar(one.key) && one.key.value === name);
    const range = isScalar(pair?.value) ? pair.value.range : undefined;
    return range ? [range[0], range[1]] : undefined;
  };
  const old = at(key);
  if (old) return text.slice(0, old[0]) + value + text.slice(old[1]);
  const name = at('name');
  const end = name === undefined || contents.flow === true ? -1 : text.indexOf('\n', name[1]);
  if (end !== -1) return `${text.slice(0, end + 1)}${key}: ${value}\n${text.slice(end + 1)}`;
  document.set(key, value);
  return document.toString({ lineWidth: 0 });
}
