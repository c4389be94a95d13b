/** `stay`: root remains root. `drop`: real root gives up its rights. `nested`: an ordinary user, without any help of root. */
export type LabIdentity =
  | { readonly kind: 'stay' }
  | { readonly kind: 'drop'; readonly uid: number; readonly gid: number }
  | { readonly kind: 'nested'; readonly uid: number; readonly gid: number };

/** Who the command is inside the lab, from who starts it and what was asked for. */
export function labIdentity(starter: { readonly uid: number; readonly gid: number }, asked: number | undefined): LabIdentity {
  if (starter.uid !== 0) return { kind: 'nested', uid: asked ?? starter.uid, gid: asked ?? starter.gid };
  return asked === undefined || asked === 0 ? { kind: 'stay' } : { kind: 'drop', uid: asked, gid: asked };
}

/** The one command that makes the lab and runs `command` on its host; killing the first process kills all of it. */
export function labArgv(input: {
  readonly identity: LabIdentity;
  readonly folder: string;
  readonly node: string;
  readonly script: string;
  readonly internet: string;
  readonly command: readonly string[];
}): readonly string[] {
  const { identity } = input;
  const who = identity.kind === 'stay' ? ['root', '0', '0'] : [identity.kind, String(identity.uid), String(identity.gid)];
  return [
    'setpriv',
    '--pdeathsig',
    'KILL',
    'unshare',
    ...(identity.kind === 'nested' ? ['--user', '--map-root-user'] : []),
    '--net',
    '--mount',
    '--pid',
    '--mount-proc',
    '--fork',
    '--kill-child=KILL',
    '--propagation',
    'private',
    '/bin/sh',
    input.script,
    input.folder,
    input.node,
    input.internet,
    ...who,
    ...input.command,
  ];
}
