import { join } from 'node:path';

import { sha256 } from '../../core/digest.ts';
import { INSIDE, LAYOUT, expandCommand, nodeBinary } from './layout.ts';
import { listenersOf, serviceEnvironment, type LauncherSpec } from './sandbox.ts';
import type { Spec } from './spec.ts';

/**
 * Turns inside paths and forwarded ports into real ones, for `containment: none`: without namespaces every service shares
 * the host's paths and its loopback. Applies to the command, the environment and the config files alike. Pure.
 */
export function directText(text: string, of: DirectService, root: string): string {
  const folders: ReadonlyArray<readonly [string, string]> = [
    [INSIDE.config, join(root, LAYOUT.config(of.name))],
    [INSIDE.secrets, join(root, LAYOUT.secrets(of.name))],
    [INSIDE.state, join(root, LAYOUT.state(of.name))],
    [INSIDE.runtime, of.runtime],
  ];
  // Only a whole first component, so that /configure or /srv/state stay what they are.
  const paths = text.replaceAll(/(?<![\w./-])\/(?:config|secrets|state|runtime)(?![\w.-])/g, (path) => new Map(folders).get(path) ?? path);
  return of.forwards.reduce((rest, { port }) => {
    const real = String(directPort(of, port));
    return rest === String(port)
      ? real
      : rest.replaceAll(new RegExp(`(?<=(?:127\\.0\\.0\\.1|localhost|\\[::1\\]):)${port}(?!\\d)`, 'g'), real);
  }, paths);
}

/** What the mapping needs to know of a service. */
export type DirectService = {
  readonly deployment: string;
  readonly name: string;
  readonly runtime: string;
  readonly forwards: readonly { readonly port: number }[];
};

/** The loopback port that stands for an inside one: two uncontained services cannot both have 3128. */
export function directPort(of: Pick<DirectService, 'deployment' | 'name'>, port: number): number {
  return 20_000 + (Number.parseInt(sha256(`${of.deployment}/${of.name}/${port}`).slice(0, 8), 16) % 10_000);
}

/** The argv of an uncontained service: its launcher as a plain child, with the same life line and listeners. Pure. */
export function directArgv(spec: Spec, root: string, once?: readonly string[]): readonly string[] {
  const of = directService(spec);
  const real = (text: string): string => directText(text, of, root);
  const command = expandCommand(once ?? spec.service.command, INSIDE.runtime, spec.platform, spec.arch).map(real);
  const env = Object.fromEntries(Object.entries(serviceEnvironment(spec)).map(([name, value]) => [name, real(value)]));
  const launcher: LauncherSpec = {
    command,
    env,
    cwd: real(INSIDE.state),
    home: env['HOME'] ?? real(INSIDE.home),
    graceMs: spec.service.stopGraceMs,
    listeners: once === undefined ? listenersOf(spec) : [],
    // A second sandbox needs no forwards of its own: the service's are on the same loopback.
    forwards:
      once === undefined
        ? spec.service.forwards.map(({ port, service, listener }) => ({
            port: directPort(of, port),
            socket: join(root, LAYOUT.socket(service, listener)),
          }))
        : [],
    ...(once === undefined ? {} : { stdin: true }),
  };
  return [nodeBinary(spec.runtime, spec.platform, spec.arch), join(root, LAYOUT.inside, 'launcher.mjs'), JSON.stringify(launcher)];
}

function directService(spec: Spec): DirectService {
  return { deployment: spec.deployment, name: spec.service.name, runtime: spec.runtime, forwards: spec.service.forwards };
}
