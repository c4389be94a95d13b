// In the place of OpenClaw in the walk of killed upgrades; `VERSION` and `SCHEMA` are written before this text. Keeps a state as
// OpenClaw does: migrates an older one, refuses a newer one, and can copy it out and in again. A file `broken` beside it ends it
// after it has migrated.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const folder = process.env.OPENCLAW_STATE_DIR;
const path = join(folder, 'state/openclaw.sqlite');
const [command, operation, ...rest] = process.argv.slice(2);
const option = (name) => rest[rest.indexOf(name) + 1];

const COMMANDS = {
  backup: () => (operation === 'create' ? create(option('--output')) : restore(rest[0], option('--target'))),
  gateway: serve,
};

function serve() {
  const isNew = !existsSync(path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = open();
  if (isNew) database.exec(`CREATE TABLE starts (version TEXT); INSERT INTO starts VALUES ('born ${VERSION}')`);
  database.exec(`PRAGMA user_version = ${SCHEMA}; INSERT INTO starts VALUES ('${VERSION}')`);
  database.close();
  if (existsSync(join(import.meta.dirname, 'broken'))) {
    console.error('the test has broken this version');
    process.exit(1);
  }
  const server = createServer((_request, response) => response.end('ok'));
  process.on('SIGTERM', () => process.exit(0));
  server.listen(21_789, '127.0.0.1');
}

function open() {
  const database = new DatabaseSync(path);
  const { user_version: version } = database.prepare('PRAGMA user_version').get();
  if (version <= SCHEMA) return database;
  console.error(`the database uses newer schema version ${version}; this build supports ${SCHEMA}`);
  process.exit(78);
}

function create(output) {
  open().close();
  const files = readdirSync(folder, { recursive: true }).filter((name) => statSync(join(folder, name)).isFile());
  const contents = Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));
  writeFileSync(output, JSON.stringify({ version: VERSION, contents }));
  console.log('{}');
}

function restore(archive, target) {
  const { version, contents } = JSON.parse(readFileSync(archive, 'utf8'));
  const root = join(target, 'one');
  for (const [name, content] of Object.entries(contents)) {
    const to = join(root, 'state', name);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, Buffer.from(content, 'base64'));
  }
  writeFileSync(
    join(root, 'manifest.json'),
    JSON.stringify({ runtimeVersion: version, assets: [{ kind: 'state', archivePath: 'one/state' }] }),
  );
  console.log('{}');
}

COMMANDS[command]();
