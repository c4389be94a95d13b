import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Reason } from '../../policy/policy.ts';
import { DENIED, DecisionRows, WOULD, type RowColumns } from './decision-rows.ts';
import { openBytes } from './line-bytes.ts';
import { PlaceSums } from './place-sums.ts';

/** What is kept of one file of the trail beside its columns. */
export type FileState = {
  readonly file: number;
  /** How much of it is in the index. */
  bytes: number;
  records: number;
  /** Lines that open as no record: torn by a crash, or changed. */
  unread: number;
  firstSeq: number;
  lastSeq: number;
  lastHash: string;
  /** Offset of the last record. */
  lastAt: number;
  firstMs: number;
  lastMs: number;
};

/** Nothing of a file yet. */
export function newFile(file: number): FileState {
  return { file, bytes: 0, records: 0, unread: 0, firstSeq: 0, lastSeq: 0, lastHash: '', lastAt: 0, firstMs: Infinity, lastMs: -Infinity };
}

type Fields = Readonly<Record<string, unknown>>;

const FLAGS = { allow: 0, would: WOULD, deny: DENIED, ruled: DENIED } as const;

// What `decide` denies by the rules of a policy; the rest is found out later, or no policy changes it.
const RULED: ReadonlySet<unknown> = new Set<Reason>(['no-rule', 'deny-rule', 'address-without-rule']);

/** Takes the lines of one file, from where the index ends on. An end is late when its decision stands in a file of before. */
export class FileIndexer {
  readonly state: FileState;
  readonly #places: Places;
  readonly #onLateEnd: (of: number, at: number) => void;
  readonly #rows: DecisionRows;
  readonly #sums = new PlaceSums();

  constructor(
    state: FileState,
    places: Places,
    onLateEnd: (of: number, at: number) => void,
    before?: { readonly columns: RowColumns; readonly sums: Uint8Array },
  ) {
    this.state = state;
    this.#places = places;
    this.#onLateEnd = onLateEnd;
    this.#rows = before ? DecisionRows.from(before.columns) : new DecisionRows();
    if (before) this.#sums.add(before.sums);
  }

  /** `at`: offset of the first byte in the file. Only what is `sinceMs` or younger is counted. */
  take(bytes: Buffer, at: number, sinceMs = -Infinity): void {
    const { state } = this;
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf(10, start);
      const opened = openBytes(bytes, start, end);
      if (opened) {
        const { record, seq, time, hash } = opened;
        if (state.records === 0) state.firstSeq = seq;
        state.records += 1;
        state.lastSeq = seq;
        state.lastHash = hash;
        state.lastAt = at + start;
        if (time < state.firstMs) state.firstMs = time;
        if (time > state.lastMs) state.lastMs = time;
        if (time >= sinceMs) {
          if (record['kind'] === 'decision') this.#decision(record, time, seq, at + start);
          else if (record['kind'] === 'end') this.#end(record, at + start);
        }
      } else state.unread += 1;
      start = end + 1;
    }
    state.bytes = at + bytes.length;
  }

  columns(): RowColumns {
    return this.#rows.columns();
  }

  sums(): Uint8Array {
    return this.#sums.toBytes();
  }

  #decision({ host, port, client, verdict, would, reason }: Fields, time: number, seq: number, at: number): void {
    if (typeof host !== 'string' || typeof port !== 'number' || typeof client !== 'string') return;
    const place = this.#places.idOf(host, port, client);
    const became = verdict !== 'allow' ? (RULED.has(reason) ? 'ruled' : 'deny') : typeof would === 'string' ? 'would' : 'allow';
    this.#rows.push(place, FLAGS[became], time, seq - this.state.firstSeq, at);
    this.#sums.decision(place, time, became, { file: this.state.file, at });
  }

  #end({ of, host, port, client, up, down }: Fields, at: number): void {
    if (typeof host !== 'string' || typeof port !== 'number' || typeof client !== 'string' || typeof of !== 'number') return;
    const place = this.#places.idOf(host, port, client);
    this.#sums.end(place, typeof up === 'number' ? up : 0, typeof down === 'number' ? down : 0);
    if (of < this.state.firstSeq || !this.#rows.end(of - this.state.firstSeq, at)) this.#onLateEnd(of, at);
  }
}

/** The numbers of hosts, ports and clients, which stand for them in the columns. */
export class Places {
  readonly #known = new Map<string, number>();
  readonly #make: StatementSync;
  readonly #find: StatementSync;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('select id from place where host = ? and port = ? and client = ?');
    this.#make = database.prepare('insert into place (host, port, client) values (?, ?, ?) returning id');
  }

  idOf(host: string, port: number, client: string): number {
    const key = `${client} ${port} ${host}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const id = Number((this.#find.get(host, port, client) ?? this.#make.get(host, port, client))?.['id']);
    this.#known.set(key, id);
    return id;
  }
}
