import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/root.mjs';

// After `npm install --package-lock-only`. npm writes no entry for an optional package that the registry did not
// serve, and `npm ci` then refuses the whole lock. This adds what can be known of such a package: its version, and
// from its name the platform that it is for, so that no other platform asks for it.
const file = join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));

const PLATFORM =
  /(?:^|[-/])(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|x64|ia32|ppc64|riscv64|s390x)(?:-(gnu|musl|msvc|eabi|gnueabihf|musleabihf))?$/;

for (const [path, one] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(one.optionalDependencies ?? {})) {
    const platform = PLATFORM.exec(name);
    const places = [`node_modules/${name}`, `${path}/node_modules/${name}`];
    if (!platform || places.some((place) => place in lock.packages)) continue;
    const [, os, cpu, abi] = platform;
    const libc = os === 'linux' && abi ? { libc: [abi.startsWith('musl') ? 'musl' : 'glibc'] } : {};
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: [cpu],
      ...(path === '' || !one.dev ? {} : { dev: true }),
      ...libc,
      optional: true,
      os: [os],
    };
    console.log(`added ${name} ${version}`);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
