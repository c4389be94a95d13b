import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestEngine } from './start-engine.ts';

const APPLETS = [
  'cat',
  'chmod',
  'echo',
  'env',
  'grep',
  'head',
  'id',
  'ls',
  'ps',
  'sha256sum',
  'sh',
  'sleep',
  'stat',
  'tail',
  'test',
  'touch',
  'tr',
  'true',
];

/** An image with busybox and the Node that runs this test, laid out like OpenClaw's own, and with a Squid if one is given; its id. About a second. */
export function importSmallImage({ folder, engine }: TestEngine, squid?: string): string {
  const stage = mkdtempSync(join(folder, 'image-'));
  try {
    for (const name of ['bin', 'usr/bin', 'usr/local/bin', 'app', 'etc', 'proc', 'sys', 'dev', 'run', 'tmp'])
      mkdirSync(join(stage, name), { recursive: true });
    const busybox = spawnSync('which', ['busybox'], { encoding: 'utf8' }).stdout.trim();
    copyFileSync(busybox, join(stage, 'bin/busybox'));
    for (const name of APPLETS) symlinkSync('busybox', join(stage, 'bin', name));
    copyFileSync(process.execPath, join(stage, 'usr/local/bin/node'));
    if (squid !== undefined) {
      for (const name of ['usr/sbin', 'usr/share/squid/icons']) mkdirSync(join(stage, name), { recursive: true });
      copyFileSync(squid, join(stage, 'usr/sbin/squid'));
      // It starts helpers under names of its own, by which busybox would not know that it is a shell.
      rmSync(join(stage, 'bin/sh'));
      copyFileSync('/bin/dash', join(stage, 'bin/sh'));
      // What it looks for at its start.
      for (const path of ['usr/share/squid/mime.conf', 'usr/lib/squid/unlinkd']) {
        mkdirSync(dirname(join(stage, path)), { recursive: true });
        copyFileSync(join('/', path), join(stage, path));
      }
    }
    for (const program of [busybox, process.execPath, ...(squid === undefined ? [] : [squid])])
      for (const library of librariesOf(program)) copyFileSync(library, join(stage, library));
    writeFileSync(join(stage, 'app/package.json'), '{"name":"stand-in","version":"2026.9.6"}');
    const [docker = '', ...args] = engine.docker;
    const tar = spawnSync('tar', ['-C', stage, '-c', '.'], { maxBuffer: 2 ** 30 });
    return execFileSync(docker, [...args, 'import', '-', 'lobsterpot-test/small:1'], { input: tar.stdout, encoding: 'utf8' }).trim();
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }

  function librariesOf(program: string): readonly string[] {
    const said = spawnSync('ldd', [program], { encoding: 'utf8' }).stdout;
    const found = [...said.matchAll(/(?:=> )?(\/\S+) \(0x/g)].flatMap(([, path]) => (path === undefined ? [] : [path]));
    for (const path of found) mkdirSync(join(stage, dirname(path)), { recursive: true });
    return found;
  }
}
