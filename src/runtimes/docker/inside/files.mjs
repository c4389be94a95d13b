// files.mjs ROOT: reads and writes below ROOT as asked on stdin, one JSON object a line, answers one a line.
// It runs as root of a throw-away container that sees nothing but the deployment's folder. No link is ever followed.
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, chown, link, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';

const MOST_READ = 16 * 1024 * 1024;
const MOST_PART = 8 * 1024 * 1024;
const root = process.argv[1];

function at(path) {
  if (path.split('/').some((part) => part === '..' || part === '.')) throw new Error('not a plain path');
  return path === '' ? root : `${root}/${path}`;
}

function refused(message) {
  return Object.assign(new Error(message), { code: 'not-plain' });
}

function absentOr(error) {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}

// What a service may write could hold a link to where it may not.
async function parentsOf(path, make) {
  const parts = path.split('/').slice(0, -1);
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const folder = at(parts.slice(0, depth).join('/'));
    if (make) await mkdir(folder, { mode: 0o700 }).catch((error) => error.code === 'EEXIST' || Promise.reject(error));
    const stats = await lstat(folder).catch(absentOr);
    if (!stats) return false;
    if (!stats.isDirectory()) throw refused(`${folder.slice(root.length + 1)} is not a folder`);
  }
  return true;
}

async function opened(path, use) {
  const file = await open(at(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw refused('it is not a plain file');
    return await use(file, stats.size);
  } finally {
    await file.close();
  }
}

function content(path) {
  return opened(path, (file, size) => {
    if (size > MOST_READ) throw refused(`it has ${size} bytes, more than ${MOST_READ}`);
    return file.readFile();
  });
}

// A file that only grows, the trail for one, is read on from where it was read to before.
function part(path, offset) {
  return opened(path, async (file, size) => {
    const most = Math.max(0, Math.min(MOST_PART, size - offset));
    const { buffer, bytesRead } = await file.read(Buffer.alloc(most), 0, most, offset);
    return { size, content: buffer.toString('base64', 0, bytesRead) };
  });
}

async function stat(path) {
  if (!(await parentsOf(path, false))) return { kind: 'absent' };
  const stats = await lstat(at(path)).catch(absentOr);
  if (!stats) return { kind: 'absent' };
  const common = { mode: stats.mode & 0o7777, owner: { uid: stats.uid, gid: stats.gid } };
  if (stats.isDirectory()) return { kind: 'directory', ...common };
  if (!stats.isFile()) return { kind: 'other' };
  const sha256 = createHash('sha256')
    .update(await content(path))
    .digest('hex');
  return { kind: 'file', ...common, sha256, mtimeMs: stats.mtimeMs };
}

async function write({ path, content: text, mode, owner }) {
  await parentsOf(path, false);
  const temporary = at(path.replace(/[^/]*$/, (name) => `.${name}.${randomBytes(6).toString('hex')}.tmp`));
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(Buffer.from(text, 'base64'));
      if (owner) await file.chown(owner.uid, owner.gid);
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, at(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function makeFolder({ path, mode, owner }) {
  await parentsOf(path, true);
  const folder = at(path);
  await mkdir(folder, { mode: 0o700 }).catch((error) => error.code === 'EEXIST' || Promise.reject(error));
  const stats = await lstat(folder);
  if (!stats.isDirectory()) throw refused('something that is not a folder is in its place');
  if (owner && (stats.uid !== owner.uid || stats.gid !== owner.gid)) await chown(folder, owner.uid, owner.gid);
  if ((stats.mode & 0o7777) !== mode || owner) await chmod(folder, mode);
}

async function remove(path) {
  if (path === '') for (const name of await readdir(root)) await rm(at(name), { recursive: true, force: true });
  else if (await parentsOf(path, false)) await rm(at(path), { recursive: true, force: true });
}

async function list(path) {
  if (!(await parentsOf(`${path}/x`.replace(/^\//, ''), false))) return [];
  return (await readdir(at(path)).catch(absentOr)) ?? [];
}

/** What lies at each path, at every service's specification and every placed secret. */
async function survey(paths) {
  const named = async (folder) => (await list(folder)).filter((name) => !name.startsWith('.')).map((name) => `${folder}/${name}`);
  const services = await named('services');
  const secrets = await Promise.all(services.map((folder) => named(`${folder}/secrets`)));
  const all = [...new Set([...paths, ...services.map((folder) => `${folder}/spec.json`), ...secrets.flat()])];
  return Promise.all(all.map(async (path) => [path, await stat(path)]));
}

const OPERATIONS = {
  survey: ({ paths }) => survey(paths),
  stat: ({ paths }) => Promise.all(paths.map(stat)),
  read: async ({ path }) => {
    if (!(await parentsOf(path, false))) return null;
    return (await content(path).catch(absentOr))?.toString('base64') ?? null;
  },
  readFrom: async ({ path, offset }) => ((await parentsOf(path, false)) ? ((await part(path, offset).catch(absentOr)) ?? null) : null),
  list: ({ path }) => list(path),
  write,
  makeFolder,
  remove: ({ path }) => remove(path),
  rename: async ({ path, to }) => {
    await parentsOf(path, false);
    await parentsOf(to, false);
    await rename(at(path), at(to));
  },
  link: async ({ path, to }) => {
    await parentsOf(path, false);
    await parentsOf(to, true);
    return await link(at(path), at(to)).then(
      () => true,
      (error) => error.code !== 'EEXIST' && Promise.reject(error),
    );
  },
};

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const asked = JSON.parse(line);
  const answer = await OPERATIONS[asked.op](asked).then(
    (value) => ({ value: value ?? null }),
    (error) => ({ error: { code: error.code ?? 'unknown', message: error.message } }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
