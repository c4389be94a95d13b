import { join } from 'node:path';

import { Problem } from '../../core/problem.ts';
import { directArgv, directPort } from './direct.ts';
import { LAYOUT } from './layout.ts';
import type { Spec } from './spec.ts';

/** What any program needs of macOS itself: to read it, never to write it. */
const SYSTEM_READ = [
  '/usr/lib',
  '/usr/bin',
  '/bin',
  '/usr/share',
  '/System',
  '/Library/Apple',
  '/private/etc/ssl',
  '/private/var/db/timezone',
  '/private/var/db/dyld',
  '/dev/urandom',
  '/dev/random',
  '/dev/null',
  '/dev/zero',
];

/**
 * The sandbox-exec profile of one service on macOS: everything is denied but its own folders, its own loopback ports and the Unix sockets
 * it forwards to. Written after Apple's own profiles and untried on a Mac: nothing here starts it yet. Pure.
 */
export function macosProfile(spec: Spec, root: string): string {
  const { name, network, forwards, listeners } = spec.service;
  const at = (path: string): string => join(root, path);
  const read = [spec.runtime, at(LAYOUT.inside), at(LAYOUT.config(name)), at(LAYOUT.secrets(name))];
  const ports = [
    ...forwards.map(({ port }) => directPort({ deployment: spec.deployment, name }, port)),
    ...listeners.flatMap(({ toPort }) => toPort ?? []),
  ];
  const sockets = forwards.map(({ service, listener }) => at(LAYOUT.socket(service, listener)));
  const lines = [
    '(version 1)',
    '(deny default)',
    '(allow process-fork)',
    '(allow signal (target same-sandbox))',
    '(allow sysctl-read)',
    '(allow file-read-metadata)',
    ...[...SYSTEM_READ, ...read].map((path) => `(allow file-read* (subpath ${quoted(path)}))`),
    ...['/usr/lib', '/usr/bin', '/bin', spec.runtime].map((path) => `(allow process-exec (subpath ${quoted(path)}))`),
    `(allow file-read* file-write* (subpath ${quoted(at(LAYOUT.state(name)))}))`,
    `(deny process-exec (subpath ${quoted(at(LAYOUT.state(name)))}))`,
    '(allow file-write-data (literal "/dev/null"))',
    ...(network === 'outside'
      ? ['(allow network*)', '(allow file-read* (literal "/private/etc/resolv.conf") (literal "/private/etc/hosts"))']
      : []),
    ...ports.flatMap((port) => [
      `(allow network-bind (local ip "localhost:${port}"))`,
      `(allow network-inbound (local ip "localhost:${port}"))`,
      `(allow network-outbound (remote ip "localhost:${port}"))`,
    ]),
    ...sockets.map((path) => `(allow network-outbound (remote unix-socket (path-literal ${quoted(path)})))`),
  ];
  return `${lines.join('\n')}\n`;
}

/** The argv that would run the service under its profile on macOS; untried, as the profile is. Pure. */
export function macosArgv(spec: Spec, root: string): readonly string[] {
  return ['/usr/bin/sandbox-exec', '-p', macosProfile(spec, root), ...directArgv(spec, root)];
}

/** A string of the profile's language; a path with a control character has no safe form and is a Problem. */
export function quoted(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  if (/[\u0000-\u001f\u007f]/.test(text)) {
    throw new Problem('process/path', 'a path of this deployment holds a control character', {
      cause: JSON.stringify(text),
      fix: 'move the deployment to another folder with XDG_STATE_HOME, then run: lobsterpot up',
    });
  }
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
