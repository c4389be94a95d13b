/**
 * Where the programs lie in OpenClaw's own image: a node:24-bookworm-slim with OpenClaw built in its working folder /app.
 * The image holds no ssh client unless it was added: `resolveImage` looks.
 */
const PROGRAMS = { node: '/usr/local/bin/node', openclaw: '/app/openclaw.mjs', ssh: '/usr/bin/ssh' } as const;

/** The Node that runs the launcher. */
export const IMAGE_NODE: string = PROGRAMS.node;

/** The OpenSSH client of a link. */
export const IMAGE_SSH: string = PROGRAMS.ssh;

/** Squid, where the image was made with it: squid-service.ts names it so. */
export const IMAGE_SQUID = '/usr/sbin/squid';

/** `{node}`, `{openclaw}` and `{ssh}` replaced by their paths in the image. */
export function expandInImage(command: readonly string[]): readonly string[] {
  return command.map((part) =>
    part.replaceAll('{node}', PROGRAMS.node).replaceAll('{openclaw}', PROGRAMS.openclaw).replaceAll('{ssh}', PROGRAMS.ssh),
  );
}
