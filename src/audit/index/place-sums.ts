import { float64Of } from './decision-rows.ts';

/** What became of all attempts for one place (a host, port and client), in one file of the trail or in several. */
export type PlaceSum = {
  readonly allowed: number;
  readonly denied: number;
  /** Of those denied: for what rules say or do not say, so that another rule would have let them pass. */
  readonly ruled: number;
  /** Of those allowed: let pass by report mode alone. */
  readonly would: number;
  readonly up: number;
  readonly down: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** The file of the last decision, and the offset of its line. */
  readonly lastFile: number;
  readonly lastAt: number;
};

// What is kept of a place, in this order.
const PLACE = 0;
const ALLOWED = 1;
const DENIED = 2;
const WOULD = 3;
const UP = 4;
const DOWN = 5;
const FIRST = 6;
const LAST = 7;
const LAST_AT = 8;
const LAST_FILE = 9;
const RULED = 10;
const NUMBERS = 11;

/** What became of one attempt; `ruled`: denied for what the rules say, `deny`: for anything else. */
export type Became = 'allow' | 'would' | 'deny' | 'ruled';

/** Sums of many places: numbers in one array, for there may be many thousands of places in each of hundreds of files. */
export class PlaceSums {
  #count = 0;
  #numbers = new Float64Array(64 * NUMBERS);
  /** One more than where a place stands in `#numbers`, by its number. */
  #at = new Uint32Array(256);

  decision(place: number, time: number, verdict: Became, { file, at }: { readonly file: number; readonly at: number }): void {
    const [base, numbers] = [this.#baseOf(place), this.#numbers];
    this.#add(base + (verdict === 'deny' || verdict === 'ruled' ? DENIED : ALLOWED), 1);
    if (verdict === 'ruled') this.#add(base + RULED, 1);
    if (verdict === 'would') this.#add(base + WOULD, 1);
    if (time < (numbers[base + FIRST] ?? 0)) numbers[base + FIRST] = time;
    if (time > (numbers[base + LAST] ?? 0)) numbers[base + LAST] = time;
    numbers[base + LAST_AT] = at;
    numbers[base + LAST_FILE] = file;
  }

  end(place: number, up: number, down: number): void {
    const base = this.#baseOf(place);
    this.#add(base + UP, up);
    this.#add(base + DOWN, down);
  }

  /** Adds what `toBytes` gave for other files. With `only`, those places alone. */
  add(bytes: Uint8Array, only?: ReadonlySet<number>): void {
    const from = float64Of(bytes);
    for (let at = 0; at < from.length; at += NUMBERS) {
      const place = from[at + PLACE] ?? 0;
      if (only && !only.has(place)) continue;
      const base = this.#baseOf(place);
      const numbers = this.#numbers;
      for (let field = ALLOWED; field <= DOWN; field += 1) this.#add(base + field, from[at + field] ?? 0);
      this.#add(base + RULED, from[at + RULED] ?? 0);
      // Nothing but ends of connections that were let pass in a file of before.
      if ((from[at + ALLOWED] ?? 0) + (from[at + DENIED] ?? 0) === 0) continue;
      numbers[base + FIRST] = Math.min(numbers[base + FIRST] ?? 0, from[at + FIRST] ?? 0);
      numbers[base + LAST] = Math.max(numbers[base + LAST] ?? 0, from[at + LAST] ?? 0);
      if ((from[at + LAST_FILE] ?? 0) < (numbers[base + LAST_FILE] ?? 0)) continue;
      numbers[base + LAST_AT] = from[at + LAST_AT] ?? 0;
      numbers[base + LAST_FILE] = from[at + LAST_FILE] ?? 0;
    }
  }

  toBytes(): Uint8Array {
    return new Uint8Array(this.#numbers.slice(0, this.#count * NUMBERS).buffer);
  }

  has(place: number): boolean {
    return (this.#at[place] ?? 0) > 0;
  }

  of(place: number): PlaceSum | undefined {
    const at = this.#at[place] ?? 0;
    if (at === 0) return undefined;
    const number = (field: number): number => this.#numbers[at - 1 + field] ?? 0;
    return {
      allowed: number(ALLOWED),
      denied: number(DENIED),
      ruled: number(RULED),
      would: number(WOULD),
      up: number(UP),
      down: number(DOWN),
      firstMs: number(FIRST),
      lastMs: number(LAST),
      lastFile: number(LAST_FILE),
      lastAt: number(LAST_AT),
    };
  }

  #add(at: number, more: number): void {
    this.#numbers[at] = (this.#numbers[at] ?? 0) + more;
  }

  #baseOf(place: number): number {
    const known = this.#at[place] ?? 0;
    if (known > 0) return known - 1;
    if (place >= this.#at.length) {
      const wider = new Uint32Array(Math.max(place + 1, this.#at.length * 2));
      wider.set(this.#at);
      this.#at = wider;
    }
    const base = this.#count * NUMBERS;
    if (base + NUMBERS > this.#numbers.length) {
      const longer = new Float64Array(this.#numbers.length * 2);
      longer.set(this.#numbers);
      this.#numbers = longer;
    }
    this.#count += 1;
    this.#at[place] = base + 1;
    this.#numbers[base + PLACE] = place;
    this.#numbers[base + FIRST] = Infinity;
    this.#numbers[base + LAST] = -Infinity;
    return base;
  }
}
