import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { GENESIS, sealLine, trailFileName, type TrailEvent } from '../src/policy/trail-line.ts';

/** What was written, and names that occur in it often and rarely. */
export type LongTrail = {
  readonly files: number;
  readonly hosts: number;
  readonly clients: number;
  readonly usualHost: string;
  readonly rareHost: string;
  readonly usualClient: string;
  readonly endMs: number;
  readonly head: { readonly seq: number; readonly hash: string };
};

// As the gate's files are.
const FILE_BYTES = 8 * 1024 * 1024;
const HOSTS = 5000;
const CLIENTS = 12;
/** Between two records: ten million are a hundred days. */
const STEP_MS = 864;
const END_MS = Date.UTC(2026, 10, 22);

/** Writes a trail as a gate does over months: some hosts asked for all the time, most hardly ever; a third of it denied. */
export function writeLongTrail(folder: string, records: number): LongTrail {
  mkdirSync(folder, { recursive: true });
  let head = { seq: 0, hash: GENESIS };
  let file = 1;
  let fd = openSync(join(folder, trailFileName(file)), 'w');
  let lines: string[] = [];
  let size = 0;
  const flush = (): void => void [writeSync(fd, lines.join('')), (lines = [])];
  const write = (event: TrailEvent): void => {
    const { line, hash } = sealLine({ seq: head.seq + 1, time: END_MS - (records - head.seq) * STEP_MS, prev: head.hash }, event);
    head = { seq: head.seq + 1, hash };
    lines.push(line);
    size += line.length;
    if (lines.length === 1000) flush();
  };
  const random = generator(7);
  const open: { of: number; host: string; client: string }[] = [];
  write({ kind: 'start', pid: 1, file: 1, oldest: 1 });
  while (head.seq < records) {
    if (size > FILE_BYTES - 2048) {
      flush();
      closeSync(fd);
      file += 1;
      fd = openSync(join(folder, trailFileName(file)), 'w');
      size = 0;
      write({ kind: 'file', file, oldest: 1 });
      continue;
    }
    // Connections end some records later, now and then in another file.
    const ended =
      open.length > 0 && (open.length > 40 || random() < 0.5) ? open.splice(Math.floor(random() * open.length), 1)[0] : undefined;
    if (ended) {
      write({ kind: 'end', ...ended, port: 443, up: 900, down: Math.floor(random() * 60_000), ms: 420, why: 'closed' });
      continue;
    }
    // A few names make up most of it, as the powers of an even number do.
    const index = Math.floor(HOSTS * random() ** 4);
    const host = hostName(index);
    // Two clients for most hosts, whoever they are; the first one for all.
    const client = clientName(random() < 0.3 ? 0 : (index + Math.floor(2 * random())) % CLIENTS);
    const isAllowed = random() < 0.75;
    write(decision(host, client, isAllowed));
    if (isAllowed) open.push({ of: head.seq, host, client });
  }
  flush();
  closeSync(fd);
  return {
    files: file,
    hosts: HOSTS,
    clients: CLIENTS,
    usualHost: hostName(0),
    rareHost: hostName(HOSTS - 1),
    usualClient: clientName(0),
    endMs: END_MS,
    head,
  };
}

function decision(host: string, client: string, isAllowed: boolean): TrailEvent {
  const about = { kind: 'decision', client, via: 'connect', host, port: 443 } as const;
  if (!isAllowed) return { ...about, verdict: 'deny', reason: 'no-rule' };
  return { ...about, verdict: 'allow', reason: 'rule', rule: `${host}:443 (lobsterpot.yaml)`, sni: host, address: '203.0.113.7' };
}

function hostName(index: number): string {
  return `api-${index}.service-${index % 97}.example`;
}

function clientName(index: number): string {
  return index === 0 ? 'gateway-main' : `node-${index}`;
}

/** Numbers from 0 to 1, the same every time (the multiplicative generator of Park and Miller). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
