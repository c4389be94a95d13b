import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { sha256 } from '../core/digest.ts';
import { EXIT } from '../core/exit-code.ts';
import { Problem } from '../core/problem.ts';
import { isReservedSecret } from '../core/secret-name.ts';
import { Redacted } from '../core/redacted.ts';
import type { Host } from '../hosts/host.ts';

const NAME = /^[a-z][a-z0-9_-]{0,63}$/;
const MOST_BYTES = 64 * 1024;

/** The operator's own copies: R/secrets/<name>, 0600, from which each service gets its file. */
export type SecretStore = {
  names(): Promise<readonly string[]>;
  read(name: string): Promise<Redacted | undefined>;
  write(name: string, value: Redacted): Promise<void>;
  /** When it was last set, epoch milliseconds. */
  setAt(name: string): Promise<number | undefined>;
  /** SHA-256 of each value, for comparing without reading it again. */
  digests(): Promise<ReadonlyMap<string, string>>;
};

/** The store of one deployment. */
export function secretStore(host: Host, root: string): SecretStore {
  const folder = join(root, 'secrets');
  const store: SecretStore = {
    names: async () => {
      const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      });
      return found.filter((name) => NAME.test(name)).toSorted();
    },
    read: async (name) => {
      const content = await host.read(join(folder, name));
      return content ? new Redacted(Buffer.from(content).toString('utf8')) : undefined;
    },
    write: async (name, value) => {
      checkName(name);
      await host.makeFolder(folder, { mode: 0o700 });
      await host.write(join(folder, name), value.reveal(), { mode: 0o600 });
    },
    setAt: async (name) => {
      const [state] = await host.stat([join(folder, name)]);
      return state?.kind === 'file' ? state.mtimeMs : undefined;
    },
    digests: async () => {
      const digests = new Map<string, string>();
      for (const name of await store.names()) {
        const value = await store.read(name);
        if (value) digests.set(name, sha256(value.reveal()));
      }
      return digests;
    },
  };
  return store;
}

/** 32 random bytes as 64 hexadecimal digits. */
export function generateToken(): Redacted {
  return new Redacted(randomBytes(32).toString('hex'));
}

/** What a person typed or piped in, without the final newline; empty, huge or with control characters is refused. */
export function parseSecret(text: string): Redacted {
  const value = text.replace(/\r?\n$/, '');
  const refuse = (cause: string): Problem =>
    new Problem('secrets/value', 'that is not a usable secret', {
      cause,
      fix: 'type it at the prompt, or pipe exactly the value: lobsterpot secrets set NAME < file',
      exit: EXIT.usage,
    });
  if (value.trim() === '') throw refuse('it is empty');
  if (Buffer.byteLength(value) > MOST_BYTES) throw refuse(`it is longer than ${MOST_BYTES} bytes`);
  // oxlint-disable-next-line no-control-regex -- a key with a control character in it was pasted wrongly
  if (/[\u0000-\u001f\u007f]/.test(value)) throw refuse('it has a line break or a control character in it');
  return new Redacted(value);
}

/** Refuses a name that could leave the folder or is not one of the file's kind. */
export function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw new Problem('secrets/name', `"${name.slice(0, 80)}" is not a secret's name`, {
    cause: 'a name starts with a small letter and has only small letters, digits, - and _ (64 at most)',
    fix: 'use the name that lobsterpot.yaml gives it, e.g. anthropic_api_key',
    exit: EXIT.usage,
  });
}

/** Refuses a name that lobsterpot gives to what it generates itself. */
export function checkNotReserved(name: string): void {
  if (!isReservedSecret(name)) return;
  throw new Problem('secrets/reserved', `the secret ${name} is made by lobsterpot itself`, {
    cause: "names that begin with gateway or link and - or _ are those of the gateways' own tokens and of the keys of tunnels",
    fix: 'give your secret another name, in lobsterpot.yaml too',
    exit: EXIT.usage,
  });
}
