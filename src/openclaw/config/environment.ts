import { CA_FILE, CONFIG_FILE, INSIDE, type InsidePaths } from '../inside-paths.ts';

type Environment = Readonly<Record<string, string>>;

/** The gateway's whole environment beside PATH; no secret is in it. */
export function gatewayEnvironment(
  input: { readonly hasCa: boolean; readonly memorySearch?: string | undefined },
  inside: InsidePaths = INSIDE,
): Environment {
  return sorted({
    ...common(inside),
    ...authorities(input.hasCa, inside),
    ...proxy(inside),
    // Overrides any mDNS setting that a plugin or a later edit brings.
    OPENCLAW_DISABLE_BONJOUR: '1',
    // OpenClaw takes this part of its configuration only when it starts, and starts itself anew some moments after the file has changed:
    // another environment makes that a start of ours, which is waited for.
    ...(input.memorySearch === undefined ? {} : { LOBSTERPOT_MEMORY_SEARCH: input.memorySearch }),
  });
}

/** A node host's whole environment beside PATH; no secret is in it. */
export function nodeEnvironment(input: { readonly hasCa: boolean }, inside: InsidePaths = INSIDE): Environment {
  return sorted({ ...common(inside), ...authorities(input.hasCa, inside), ...proxy(inside) });
}

function common(inside: InsidePaths): Environment {
  return {
    HOME: `${inside.state}/home`,
    OPENCLAW_STATE_DIR: `${inside.state}/openclaw`,
    OPENCLAW_CONFIG_PATH: `${inside.config}/${CONFIG_FILE}`,
    // The runtime is pinned and shared: nothing may try to replace it or to phone home.
    OPENCLAW_NO_AUTO_UPDATE: '1',
    DO_NOT_TRACK: '1',
    // Without a terminal; also keeps banners and escape codes out of the logs.
    NO_COLOR: '1',
    TMPDIR: '/tmp',
    LANG: 'C.UTF-8',
  };
}

function proxy(inside: InsidePaths): Environment {
  const url = `http://127.0.0.1:${inside.proxyPort}`;
  // For children and for what the managed proxy does not cover; OpenClaw replaces NO_PROXY in its own process.
  return { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: url, HTTP_PROXY: url, NO_PROXY: '127.0.0.1,::1,localhost' };
}

function authorities(hasCa: boolean, inside: InsidePaths): Environment {
  return hasCa ? { NODE_EXTRA_CA_CERTS: `${inside.config}/${CA_FILE}` } : {};
}

function sorted(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
