// Answers `backup create` and `backup restore` as OpenClaw does, for tests without one; like it, it refuses a state that is newer than
// schema 18 before it does anything.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const [, operation, ...rest] = process.argv.slice(2);
const option = (name) => rest[rest.indexOf(name) + 1];
const state = process.env.OPENCLAW_STATE_DIR;

refuseNewer(join(state, 'state/openclaw.sqlite'));
if (operation === 'create') {
  const output = option('--output');
  const folder = `${output}.making`;
  const root = join(folder, 'stamp-openclaw-backup');
  const assets = [
    ['state', state],
    ['workspace', join(dirname(state), 'workspace')],
  ].filter(([, path]) => fs.existsSync(path));
  for (const [, path] of assets) fs.cpSync(path, join(root, 'payload/posix', path), { recursive: true });
  const manifest = {
    runtimeVersion: '2026.9.6',
    assets: assets.map(([kind, path]) => ({
      kind,
      sourcePath: path,
      archivePath: process.env.FAKE_ARCHIVE_PATH ?? `stamp-openclaw-backup/payload/posix${path}`,
    })),
  };
  fs.writeFileSync(join(root, 'manifest.json'), JSON.stringify(manifest));
  execFileSync('tar', ['-czf', output, '-C', folder, 'stamp-openclaw-backup']);
  fs.rmSync(folder, { recursive: true });
  console.log('{}');
} else {
  const target = option('--target');
  fs.mkdirSync(target);
  try {
    execFileSync('tar', ['-xzf', rest[0], '-C', target], { stdio: 'ignore' });
    console.log('{"ok":true}');
  } catch {
    console.log(JSON.stringify({ ok: false, error: { message: 'the archive cannot be read' } }));
    process.exitCode = 1;
  }
}

function refuseNewer(path) {
  if (!fs.existsSync(path)) return;
  const schema = schemaOf(path);
  if (schema <= 18) return;
  console.log(JSON.stringify({ ok: false, error: { message: `it uses newer schema version ${schema}` } }));
  process.exit(1);
}

/** What is no database is for others to find. */
function schemaOf(path) {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare('PRAGMA user_version').get().user_version;
  } catch {
    return 0;
  } finally {
    database.close();
  }
}
