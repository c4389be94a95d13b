/** A DNS question on the wire; names by their labels, each character one byte. */
export function questionBytes(
  name: string,
  type: number,
  more: {
    readonly flags?: number;
    readonly kind?: number;
    readonly questions?: number;
    readonly additional?: number;
    readonly behind?: Buffer;
  } = {},
): Buffer {
  const head = Buffer.alloc(12);
  [0x4c50, more.flags ?? 0x0100, more.questions ?? 1, 0, 0, more.additional ?? 0].forEach((value, index) =>
    head.writeUInt16BE(value, index * 2),
  );
  const labels = name === '' ? [] : name.split('.');
  const end = Buffer.alloc(4);
  end.writeUInt16BE(type, 0);
  end.writeUInt16BE(more.kind ?? 1, 2);
  return Buffer.concat([
    head,
    ...labels.map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1')),
    Buffer.alloc(1),
    end,
    ...(more.behind ? [more.behind] : []),
  ]);
}
