/** One entry of a tar archive; `size` is what it says, `content` what of it there is. */
export type TarEntry = {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'other';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly content: Buffer;
  /** All of it was there. */
  readonly isWhole: boolean;
};

const BLOCK = 512;

/**
 * Reads an archive as Docker writes it (ustar with pax records). One that is cut off gives its entries so far; anything that makes no
 * sense is an error: half-understood is not read.
 */
export function tarEntries(archive: Buffer, most = Number.POSITIVE_INFINITY): readonly TarEntry[] {
  const entries: TarEntry[] = [];
  let pax = new Map<string, string>();
  let at = 0;
  while (at + BLOCK <= archive.length && entries.length < most) {
    const block = archive.subarray(at, at + BLOCK);
    at += BLOCK;
    if (block.every((byte) => byte === 0)) break;
    if (numberAt(block, 148, 8) !== checksum(block)) throw new Error('an archive with a damaged header');
    const type = String.fromCharCode(block[156] ?? 0);
    const size = paxNumber(pax, 'size') ?? numberAt(block, 124, 12);
    const content = archive.subarray(at, at + size);
    at += Math.ceil(size / BLOCK) * BLOCK;
    if (type === 'x') {
      if (content.length < size) break;
      pax = paxRecords(content);
      continue;
    }
    if (type === 'g') continue;
    if (type === 'L' || type === 'K') throw new Error('an archive of another kind');
    const prefix = textAt(block, 345, 155);
    const short = textAt(block, 0, 100);
    entries.push({
      name: pax.get('path') ?? (prefix === '' ? short : `${prefix}/${short}`),
      kind: type === '5' ? 'directory' : type === '0' || type === '\0' ? 'file' : 'other',
      mode: numberAt(block, 100, 8) & 0o7777,
      uid: paxNumber(pax, 'uid') ?? numberAt(block, 108, 8),
      gid: paxNumber(pax, 'gid') ?? numberAt(block, 116, 8),
      content,
      isWhole: content.length === size,
    });
    pax = new Map();
  }
  return entries;
}

function checksum(block: Buffer): number {
  return block.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 32 : byte), 0);
}

function textAt(block: Buffer, at: number, length: number): string {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

function numberAt(block: Buffer, at: number, length: number): number {
  const text = block
    .toString('latin1', at, at + length)
    .replace(/[\0 ]+$/, '')
    .trimStart();
  if (!/^[0-7]*$/.test(text)) throw new Error('an archive with a number that makes no sense');
  return text === '' ? 0 : Number.parseInt(text, 8);
}

// `LENGTH KEY=VALUE\n`, the length counting itself.
function paxRecords(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  let at = 0;
  while (at < content.length) {
    const match = /^(\d{1,8}) ([^=]+)=/.exec(content.toString('utf8', at, at + 300));
    const length = Number(match?.[1]);
    if (!match || !(length > match[0].length) || at + length > content.length)
      throw new Error('an archive with a record that makes no sense');
    const record = content.toString('utf8', at, at + length);
    records.set(match[2] ?? '', record.slice(match[0].length, -1));
    at += length;
  }
  return records;
}

function paxNumber(records: ReadonlyMap<string, string>, key: string): number | undefined {
  const text = records.get(key);
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new Error('an archive with a number that makes no sense');
  return Number(text);
}
