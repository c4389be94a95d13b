// keeper.mjs OPENCLAW OPERATION [ARGUMENT...]: keeps one service's state, inside that service's own sandbox and as its identity, so
// that nothing outside ever follows a path that the service could have laid. One JSON document on stdout (base64 for `read`), exit 1
// with the reason on stderr. The archive lies beside OpenClaw's state while it is made, sent or unpacked.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const [openclaw, operation, ...rest] = process.argv.slice(1);
const state = process.env.OPENCLAW_STATE_DIR;
const base = dirname(state);
const work = join(base, '.lobsterpot');
const [archive, scratch, asides, temporary] = ['archive.tar.gz', 'scratch', 'aside', 'tmp'].map((name) => join(work, name));
// What is moved aside and put in place together: OpenClaw's own folder, and the agent's workspace beside it.
const PARTS = ['openclaw', 'workspace'];
const WHOLE = 'whole';
const COMMAND_MS = 240_000;
const MOST_OUTPUT = 64 * 1024 ** 2;

const OPERATIONS = {
  make() {
    clear();
    openclawJson(['backup', 'create', '--output', archive, '--json']);
    return { ...unpacked((found) => found.facts), ...digest() };
  },
  read(offset, length) {
    const file = fs.openSync(archive, 'r');
    const bytes = Buffer.alloc(Number(length));
    const count = fs.readSync(file, bytes, 0, bytes.length, Number(offset));
    fs.closeSync(file);
    return bytes.subarray(0, count).toString('base64');
  },
  take(offset) {
    if (offset === '0') clear();
    if (offset !== '0' && fs.statSync(archive).size !== Number(offset)) throw new Error('a part of the archive is missing');
    fs.appendFileSync(archive, Buffer.from(fs.readFileSync(0, 'utf8'), 'base64'), { mode: 0o600 });
    return { bytes: fs.statSync(archive).size };
  },
  try(sha256) {
    agree(sha256);
    return { ...unpacked((found) => found.facts), ...digest() };
  },
  activate(sha256, stamp) {
    agree(sha256);
    // What another run left half done would be taken for the state of now.
    for (const one of unfinished().filter((other) => other !== stamp)) OPERATIONS.putback(one);
    return unpacked((found) => {
      const aside = asideOf(stamp);
      fs.mkdirSync(aside, { recursive: true, mode: 0o700 });
      // An earlier try that was cut off has put the true present state there already.
      for (const part of PARTS) {
        const [path, kept, from] = [join(base, part), join(aside, part), found.parts.get(part)];
        if (from !== undefined) close(from);
        swap(path, kept, from);
      }
      // From here on a part that is not kept was not there.
      fs.writeFileSync(join(aside, WHOLE), '', { mode: 0o600 });
      return found.facts;
    });
  },
  putback(stamp) {
    const aside = asideOf(stamp);
    const failed = join(work, 'failed');
    fs.rmSync(failed, { recursive: true, force: true });
    fs.mkdirSync(failed, { mode: 0o700 });
    const isWhole = fs.existsSync(join(aside, WHOLE));
    for (const part of PARTS) {
      const [path, kept] = [join(base, part), join(aside, part)];
      if (fs.existsSync(kept)) swap(path, join(failed, part), kept);
      else if (isWhole) swap(path, join(failed, part));
    }
    for (const path of [failed, aside]) fs.rmSync(path, { recursive: true, force: true });
    return {};
  },
  mend() {
    for (const stamp of unfinished()) OPERATIONS.putback(stamp);
    clear();
    return {};
  },
  asides: () => ({ asides: list(asides).map((stamp) => ({ stamp, bytes: sizeOf(join(asides, stamp)) })) }),
  forget(...stamps) {
    for (const stamp of stamps) fs.rmSync(asideOf(stamp), { recursive: true, force: true });
    return {};
  },
  clear() {
    clear();
    return {};
  },
};

/** One that is whole was put in place whole; another was cut off between two parts, and what it moved aside is the state. */
function unfinished() {
  return list(asides).filter((one) => !fs.existsSync(join(asides, one, WHOLE)));
}

/** Puts `next`, or nothing, in the place of `path`; what was there is kept at `kept` unless that holds something already. */
function swap(path, kept, next) {
  if (fs.existsSync(kept)) fs.rmSync(path, { recursive: true, force: true });
  else if (fs.existsSync(path)) fs.renameSync(path, kept);
  if (next !== undefined) fs.renameSync(next, path);
}

function clear() {
  for (const path of [archive, scratch, temporary]) fs.rmSync(path, { recursive: true, force: true });
  fs.mkdirSync(work, { recursive: true, mode: 0o700 });
}

/** Restores the archive into a fresh folder with OpenClaw's own command, looks at what came out, and clears it away after `use`. */
function unpacked(use) {
  fs.rmSync(scratch, { recursive: true, force: true });
  try {
    // It looks at the state that it has before anything else, and refuses that of a newer one: it gets an empty one.
    openclawJson(['backup', 'restore', archive, '--target', scratch, '--json'], { OPENCLAW_STATE_DIR: join(temporary, 'empty') });
    const [root] = list(scratch);
    const manifest = JSON.parse(fs.readFileSync(join(scratch, root, 'manifest.json'), 'utf8'));
    const parts = new Map();
    for (const { kind, archivePath } of manifest.assets) {
      const part = kind === 'state' ? 'openclaw' : kind === 'workspace' ? 'workspace' : undefined;
      if (part === undefined) continue;
      const path = join(scratch, archivePath);
      if (!path.startsWith(join(scratch, root) + sep) || parts.has(part))
        throw new Error(`the archive's manifest is not one of a service: ${kind}`);
      parts.set(part, path);
    }
    if (!parts.has('openclaw')) throw new Error('the archive holds no state');
    return use({ parts, facts: { openclaw: String(manifest.runtimeVersion), schema: schemaOf(parts.get('openclaw')) } });
  } finally {
    for (const path of [scratch, temporary]) fs.rmSync(path, { recursive: true, force: true });
  }
}

/** The version of the state's own database, which must be whole. */
function schemaOf(folder) {
  const database = new DatabaseSync(join(folder, 'state', 'openclaw.sqlite'), { readOnly: true });
  try {
    const [check] = Object.values(database.prepare('PRAGMA integrity_check').get());
    if (check !== 'ok') throw new Error(`the restored database is damaged: ${check}`);
    return database.prepare('PRAGMA user_version').get().user_version;
  } finally {
    database.close();
  }
}

function agree(sha256) {
  if (digest().sha256 !== sha256) throw new Error('the archive is not the one that was sent');
}

function digest() {
  const hash = createHash('sha256');
  const file = fs.openSync(archive, 'r');
  const block = Buffer.alloc(1024 ** 2);
  let bytes = 0;
  for (let count; (count = fs.readSync(file, block)) > 0; bytes += count) hash.update(block.subarray(0, count));
  fs.closeSync(file);
  return { sha256: hash.digest('hex'), bytes };
}

/** Restored folders come back open to others. */
function close(path) {
  const stat = fs.lstatSync(path);
  if (stat.isSymbolicLink()) return;
  fs.chmodSync(path, stat.mode & 0o700);
  if (stat.isDirectory()) for (const name of fs.readdirSync(path)) close(join(path, name));
}

function sizeOf(path) {
  const stat = fs.lstatSync(path);
  return stat.isDirectory() ? fs.readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : stat.size;
}

function list(path) {
  return fs.existsSync(path) ? fs.readdirSync(path).toSorted() : [];
}

function asideOf(stamp) {
  if (!/^[\w-]+$/.test(stamp)) throw new Error('not a time stamp');
  return join(asides, stamp);
}

function openclawJson(args, more = {}) {
  fs.mkdirSync(temporary, { recursive: true, mode: 0o700 });
  // The service's own /tmp is small and in memory; a copy of a database goes through it.
  const env = { ...process.env, ...more, TMPDIR: temporary };
  try {
    const limits = { encoding: 'utf8', timeout: COMMAND_MS, maxBuffer: MOST_OUTPUT };
    return JSON.parse(execFileSync(process.execPath, [openclaw, ...args], { ...limits, env, stdio: ['ignore', 'pipe', 'pipe'] }));
  } catch (error) {
    throw new Error(reason(error.stdout) ?? (String(error.stderr ?? '').trim() || error.message), { cause: error });
  }
}

function reason(text) {
  try {
    return JSON.parse(text).error.message;
  } catch {
    return undefined;
  }
}

try {
  const answer = OPERATIONS[operation](...rest);
  process.stdout.write(typeof answer === 'string' ? answer : JSON.stringify(answer));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
