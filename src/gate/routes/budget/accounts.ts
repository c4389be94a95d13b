import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isRecord } from '../../../core/json.ts';
import { reasonOf } from '../../../core/problem.ts';
import { type Account, type Used, accountAt, charge } from './budget.ts';

/**
 * What was used on each route, kept in one file over restarts. A file that cannot be read counts as everything used up:
 * else whoever spoils it could begin anew.
 */
export class Accounts {
  readonly #path: string;
  readonly #nowMs: () => number;
  readonly #complain: (message: string) => void;
  #accounts: Map<string, Account> | undefined;

  constructor(path: string, nowMs: () => number, complain: (message: string) => void) {
    this.#path = path;
    this.#nowMs = nowMs;
    this.#complain = complain;
    this.#accounts = this.#read();
  }

  /** The account of a route at this moment; undefined when it is not known. */
  of(route: string): Account | undefined {
    return this.#accounts && accountAt(this.#accounts.get(route), this.#nowMs());
  }

  /** Counts one request, and writes it down before anything else is asked. */
  add(route: string, cost: { readonly tokens: number; readonly usd: number }): void {
    const account = this.of(route);
    if (!account || !this.#accounts) return;
    this.#accounts.set(route, charge(account, cost));
    this.#write(this.#accounts);
  }

  #read(): Map<string, Account> | undefined {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if (isRecord(error) && error['code'] === 'ENOENT') return new Map();
      this.#complain(`what was used on the routes cannot be read: ${reasonOf(error)}`);
      return undefined;
    }
    const accounts = parseAccounts(text);
    if (!accounts) this.#complain('what was used on the routes is not readable: routes with a budget are closed');
    return accounts;
  }

  #write(accounts: ReadonlyMap<string, Account>): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      writeFileSync(`${this.#path}.new`, JSON.stringify({ version: 1, accounts: Object.fromEntries(accounts) }), { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
    } catch (error) {
      this.#complain(`what was used on the routes cannot be written: ${reasonOf(error)}`);
    }
  }
}

/** Reads the file of the accounts; undefined when it is not whole. */
export function parseAccounts(text: string): Map<string, Account> | undefined {
  try {
    const file: unknown = JSON.parse(text);
    if (!isRecord(file) || file['version'] !== 1 || !isRecord(file['accounts'])) return undefined;
    const accounts = new Map<string, Account>();
    for (const [route, entry] of Object.entries(file['accounts'])) {
      const day = isRecord(entry) ? parseUsed(entry['day']) : undefined;
      const month = isRecord(entry) ? parseUsed(entry['month']) : undefined;
      if (!day || !month) return undefined;
      accounts.set(route, { day, month });
    }
    return accounts;
  } catch {
    return undefined;
  }
}

function parseUsed(value: unknown): Used | undefined {
  if (!isRecord(value)) return undefined;
  const { period, requests, tokens, usd } = value;
  const isCount = (one: unknown): one is number => typeof one === 'number' && Number.isFinite(one) && one >= 0;
  if (typeof period !== 'string' || !isCount(requests) || !isCount(tokens) || !isCount(usd)) return undefined;
  return { period, requests, tokens, usd };
}
