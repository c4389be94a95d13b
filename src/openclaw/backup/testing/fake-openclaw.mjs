// Answers `backup create` and `backup restore` as OpenClaw does, for tests without one. FAKE_VERSION is what it says it is.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';

const [, operation, ...rest] = process.argv.slice(2);
const option = (name) => rest[rest.indexOf(name) + 1];
const state = process.env.OPENCLAW_STATE_DIR;

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
    runtimeVersion: process.env.FAKE_VERSION ?? '2026.9.6',
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
