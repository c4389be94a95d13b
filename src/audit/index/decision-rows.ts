/** What is known of each decision of a trail file without looking into the file; one typed array a column, in the order of the file. */
export type RowColumns = {
  /** Which host, port and client. */
  readonly place: Uint8Array;
  readonly flag: Uint8Array;
  /** Epoch milliseconds. */
  readonly time: Uint8Array;
  /** Its number, less the first one of the file. */
  readonly seq: Uint8Array;
  /** Offset of its line. */
  readonly at: Uint8Array;
  /** One more than the offset of the line that tells its end; 0: that line is not in this file. */
  readonly ended: Uint8Array;
};

export const DENIED = 1;
/** What report mode let pass and enforce would have denied. */
export const WOULD = 2;

/** The decisions of one file while they are gathered. */
export class DecisionRows {
  count = 0;
  #room = 0;
  #place = new Uint32Array(0);
  #flag = new Uint8Array(0);
  #time = new Float64Array(0);
  #seq = new Uint32Array(0);
  #at = new Uint32Array(0);
  #ended = new Uint32Array(0);

  push(place: number, flag: number, time: number, seq: number, at: number): void {
    if (this.count === this.#room) this.#grow(Math.max(1024, this.#room * 2));
    const row = this.count;
    this.#place[row] = place;
    this.#flag[row] = flag;
    this.#time[row] = time;
    this.#seq[row] = seq;
    this.#at[row] = at;
    this.count += 1;
  }

  /** Notes where the end of decision `seq` stands; false: that decision is not in this file. */
  end(seq: number, at: number): boolean {
    // Most connections end soon: the newest rows are looked at first, by halves.
    let [low, high] = [0, this.count - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.#seq[middle] ?? 0;
      if (found === seq) {
        this.#ended[middle] = at + 1;
        return true;
      }
      if (found < seq) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  }

  columns(): RowColumns {
    const of = (column: Uint32Array | Float64Array | Uint8Array): Uint8Array => bytesOf(column.subarray(0, this.count));
    return {
      place: of(this.#place),
      flag: of(this.#flag),
      time: of(this.#time),
      seq: of(this.#seq),
      at: of(this.#at),
      ended: of(this.#ended),
    };
  }

  /** Goes on with what was gathered before. */
  static from(columns: RowColumns): DecisionRows {
    const rows = new DecisionRows();
    rows.count = columns.flag.length;
    rows.#room = rows.count;
    rows.#place = uint32Of(columns.place).slice();
    rows.#flag = columns.flag.slice();
    rows.#time = float64Of(columns.time).slice();
    rows.#seq = uint32Of(columns.seq).slice();
    rows.#at = uint32Of(columns.at).slice();
    rows.#ended = uint32Of(columns.ended).slice();
    return rows;
  }

  #grow(room: number): void {
    const grown = <T extends Uint32Array | Float64Array | Uint8Array>(old: T, made: T): T => {
      made.set(old);
      return made;
    };
    this.#place = grown(this.#place, new Uint32Array(room));
    this.#flag = grown(this.#flag, new Uint8Array(room));
    this.#time = grown(this.#time, new Float64Array(room));
    this.#seq = grown(this.#seq, new Uint32Array(room));
    this.#at = grown(this.#at, new Uint32Array(room));
    this.#ended = grown(this.#ended, new Uint32Array(room));
    this.#room = room;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array | Float64Array | Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A column as numbers, to be read only. */
export function uint32Of(bytes: Uint8Array): Uint32Array {
  const { buffer, byteOffset, byteLength } = placed(bytes, 4);
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}

/** A column as numbers, to be read only. */
export function float64Of(bytes: Uint8Array): Float64Array {
  const { buffer, byteOffset, byteLength } = placed(bytes, 8);
  return new Float64Array(buffer, byteOffset, byteLength / 8);
}

/** Wide numbers must begin at a multiple of their width: what does not is copied. */
function placed(bytes: Uint8Array, width: number): Uint8Array {
  return bytes.byteOffset % width === 0 ? bytes : bytes.slice();
}
