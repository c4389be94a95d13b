import { NODE_COMMANDS, NODE_READY_LINE } from './config/commands.ts';
import { INSIDE, type InsidePaths } from './inside-paths.ts';

/**
 * `openclaw connect` enrols and then stays as the node host, and its foreground form has no switch to stop.
 * This program runs inside the node's own sandbox: it takes the join target from stdin (never argv), hands it over in
 * a 0600 file, and ends `connect` a moment after it said that it is connected.
 */
const PROGRAM = `
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const [openclaw, file, ready, limitMs, ...rest] = process.argv.slice(1);
const target = fs.readFileSync(0);
fs.rmSync(file, { force: true });
fs.writeFileSync(file, target, { mode: 0o600, flag: 'wx' });
const child = spawn(process.execPath, [openclaw, 'connect', '--target-file', file, ...rest], { stdio: ['ignore', 'pipe', 'pipe'] });
let seen = '';
let connected = false;
const look = (chunk) => {
  process.stderr.write(chunk);
  seen = (seen + chunk).slice(-8192);
  if (connected || !seen.includes(ready)) return;
  connected = true;
  // Its saved endpoint and token are written just after the line.
  setTimeout(() => child.kill('SIGTERM'), 1500);
};
child.stdout.on('data', look);
child.stderr.on('data', look);
setTimeout(() => child.kill('SIGKILL'), Number(limitMs)).unref();
child.on('error', () => process.exit(1));
child.on('close', (code) => {
  fs.rmSync(file, { force: true });
  process.exit(connected ? 0 : code || 1);
});
`.trim();

/** The command that enrols a node host once, with the join target on stdin; exit 0 means that it was connected. */
export function connectOnceCommand(displayName: string, limitMs: number, inside: InsidePaths = INSIDE): readonly string[] {
  return [
    '{node}',
    '--eval',
    PROGRAM,
    '{openclaw}',
    `${inside.state}/join-target`,
    NODE_READY_LINE,
    String(limitMs),
    '--display-name',
    displayName,
    '--commands',
    NODE_COMMANDS.join(','),
  ];
}
