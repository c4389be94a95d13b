import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Host } from '../../hosts/host.ts';
import { npmFailure } from './npm-failure.ts';

const INSTALL_MS = 15 * 60_000;

/** Runs `npm ci` in a folder that holds the pinned files, without any package's scripts. Throws a Problem. */
export async function npmCi(
  host: Host,
  npm: string,
  folder: string,
  input: { readonly version: string; readonly say: (text: string) => void },
): Promise<void> {
  input.say(`installing OpenClaw ${input.version} (about 330 packages, 800 MB)`);
  const ticking = setInterval(() => input.say(`installing OpenClaw ${input.version}: ${countPackages(folder)} packages`), 3000);
  try {
    const argv = [
      process.execPath,
      npm,
      'ci',
      '--ignore-scripts',
      '--omit=dev',
      '--no-audit',
      '--no-fund',
      '--no-update-notifier',
      '--loglevel=error',
      '--fetch-timeout=60000',
    ];
    const result = await host.run(argv, { cwd: folder, env: npmEnvironment(process.env, npm), timeoutMs: INSTALL_MS });
    if (result.code !== 0) throw npmFailure(input.version, result);
  } finally {
    clearInterval(ticking);
  }
}

/** Only what says where npm fetches and keeps packages; settings of a surrounding `npm run` stay out. */
export function npmEnvironment(env: Readonly<Record<string, string | undefined>>, npm: string): Readonly<Record<string, string>> {
  const wanted =
    /^(?:HOME|LANG|SSL_CERT_FILE|NODE_EXTRA_CA_CERTS|(?:https?|no)_proxy|npm_config_(?:registry|cache|cafile|userconfig|globalconfig|proxy|https_proxy|noproxy|strict_ssl|offline|prefer_offline))$/i;
  const kept = Object.entries(env).flatMap(([name, value]) => (value !== undefined && wanted.test(name) ? [[name, value] as const] : []));
  return {
    // npm looks for its global settings (a registry, an authority) beside the Node that runs it, which is ours and not its own.
    npm_config_globalconfig: join(npm, '../../../../../etc/npmrc'),
    ...Object.fromEntries(kept),
    // A company's authority is in the system's store, which Node does not read by itself.
    NODE_OPTIONS: '--use-system-ca',
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
  };
}

function countPackages(folder: string): number {
  const modules = join(folder, 'node_modules');
  // npm makes every folder at once; a package is there when its manifest is.
  return existsSync(modules) ? readdirSync(modules).filter((name) => existsSync(join(modules, name, 'package.json'))).length : 0;
}
