import { INSIDE, type InsidePaths } from '../inside-paths.ts';

/** The four commands a node offers; everything else stays off its surface. Sorted. */
export const NODE_COMMANDS = ['system.execApprovals.get', 'system.run', 'system.run.prepare', 'system.which'] as const;

/** What a node host writes to stderr at each connection to its gateway; its health's ready line. */
export const NODE_READY_LINE = 'node host gateway connected';

/** Answers 200 without credentials when the gateway lives; `/startupz` would leak the version. */
export const GATEWAY_HEALTH_PATH = '/healthz';

/** Runs the gateway in the foreground. */
export function gatewayCommand(): readonly string[] {
  return ['{node}', '{openclaw}', 'gateway', 'run'];
}

/** Runs an enrolled node host in the foreground: its saved device token and command list are used, no secret is passed. */
export function nodeCommand(displayName: string, inside: InsidePaths = INSIDE): readonly string[] {
  return [
    '{node}',
    '{openclaw}',
    'node',
    'run',
    '--host',
    '127.0.0.1',
    '--port',
    String(inside.linkPort),
    '--no-tls',
    '--display-name',
    displayName,
    // Given at every start: a list widened in the saved state does not survive a restart.
    '--commands',
    NODE_COMMANDS.join(','),
  ];
}
