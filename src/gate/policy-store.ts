import { readFileSync, statSync } from 'node:fs';
import { isRecord } from '../core/json.ts';
import { reasonOf } from '../core/problem.ts';
import { NO_OVERRIDES, type Overrides, parseOverrides, withOverrides } from '../policy/overrides.ts';
import type { EgressPolicy } from '../policy/policy.ts';
import { type Invalid, parsePolicy, policyDigest } from '../policy/policy-file.ts';

/** The policy in force. `policy` is undefined until a first valid one was read: then everything is denied. */
export type PolicyState = {
  readonly policy?: EgressPolicy;
  /** Of the policy file alone, without the overrides. */
  readonly digest?: string;
  readonly overrides: number;
  /** Why what is in force is not what lies on disk. */
  readonly error?: string;
};

/** Reads policy and overrides, and keeps the last good pair when either is bad. */
export class PolicyStore {
  readonly #files: { readonly policyFile: string; readonly overridesFile: string };
  readonly #nowMs: () => number;
  #state: PolicyState = { overrides: 0, error: 'not read yet' };
  #stamp = '';

  constructor(files: { readonly policyFile: string; readonly overridesFile: string }, nowMs: () => number) {
    this.#files = files;
    this.#nowMs = nowMs;
  }

  get state(): PolicyState {
    return this.#state;
  }

  /** Reads again; the new state is in force at once. */
  load(): PolicyState {
    this.#stamp = this.#readStamp();
    const policy = readDocument(this.#files.policyFile, parsePolicy);
    const overrides = readDocument<Overrides>(this.#files.overridesFile, parseOverrides, NO_OVERRIDES);
    const fault =
      'invalid' in policy ? `policy: ${policy.invalid}` : 'invalid' in overrides ? `overrides: ${overrides.invalid}` : undefined;
    if ('invalid' in policy || 'invalid' in overrides) this.#state = { ...this.#state, error: fault ?? 'invalid' };
    else
      this.#state = {
        policy: withOverrides(policy, overrides, this.#nowMs()),
        digest: policyDigest(policy),
        overrides: overrides.rules.length,
      };
    return this.#state;
  }

  /** True when a file on disk is another than the one read last: a look at the inode, not at the content. */
  isStale(): boolean {
    return this.#readStamp() !== this.#stamp;
  }

  #readStamp(): string {
    return [this.#files.policyFile, this.#files.overridesFile].map(stampOf).join(' ');
  }
}

function stampOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino}.${size}.${mtimeMs}`;
  } catch {
    return 'absent';
  }
}

const MAX_BYTES = 4 * 1024 * 1024;

function readDocument<T extends object>(path: string, parse: (text: string) => T | Invalid, absent?: T): T | Invalid {
  try {
    if (statSync(path).size > MAX_BYTES) return { invalid: `larger than ${MAX_BYTES} bytes` };
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (absent && isRecord(error) && error['code'] === 'ENOENT') return absent;
    return { invalid: `cannot be read: ${reasonOf(error)}` };
  }
}
