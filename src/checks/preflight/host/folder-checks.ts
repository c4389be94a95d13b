import type { PathLook } from '../../../hosts/look.ts';
import type { Owner } from '../../../hosts/host.ts';
import { identities } from '../../../runtimes/process/identity.ts';
import type { Service } from '../../../services/service.ts';
import { IDENTITIES } from '../preflight-checks.ts';
import { containerCheck, fine, gap, hostCheck, unseen, wrong, type HostCheck, type Seen } from './host-check.ts';

const ROOT: Owner = { uid: 0, gid: 0 };

const folder = containerCheck(
  {
    id: 'preflight.folder',
    title: "the deployment's folder is there or can be made",
    severity: 'high',
    tries: 'looking at the folder, or at the nearest one above it',
    sabotage: "a file in the folder's place",
  },
  ({ asked: { root }, look, facts }) => {
    const seen = look.paths.get(root);
    if (!seen || seen.state === 'hidden')
      return unseen(
        `${root} cannot be looked at${seen ? `: ${seen.at} is closed to ${facts.user}` : ''}`,
        `look there: sudo ls -ld ${root}`,
      );
    if (seen.kind !== 'folder')
      return wrong(
        `${seen.at} is in the way: it is not a folder`,
        `move it away: mv ${seen.at} ${seen.at}.old , or set another dir in lobsterpot.yaml`,
      );
    if (seen.state === 'there') {
      return seen.isLink
        ? wrong(`${seen.at} is a link`, 'set dir of that host in lobsterpot.yaml to where it leads')
        : fine(`${seen.at} is there`);
    }
    if (seen.access.write && seen.access.enter) return fine(`${facts.user} can make it in ${seen.at}`);
    // The engine of a Mac makes folders as the user of its app, who is this one.
    return facts.platform === 'darwin'
      ? wrong(
          `${facts.user} may not make it in ${seen.at}`,
          `there: sudo mkdir -p ${root} && sudo chown ${facts.user} ${root} , or set dir of that host below your home`,
        )
      : fine(`docker makes it in ${seen.at}`);
  },
);

const kept = containerCheck(
  {
    id: 'preflight.folder-kept',
    title: "the deployment's folder outlives a restart of the host",
    severity: 'high',
    tries: 'reading what the folder is mounted from',
    sabotage: 'a folder in memory',
  },
  ({ asked: { root }, look }) => {
    const disk = look.paths.get(root)?.disk;
    if (!disk) return unseen(`the disk of ${root} was not told`, `look there: df ${root}`);
    return /^(tmpfs|ramfs)$/.test(disk.device)
      ? wrong(
          `it lies in memory (${disk.device} on ${disk.mountedAt}): keys and pairings are gone at the next start`,
          'set dir of that host in lobsterpot.yaml to a folder on a disk',
        )
      : fine(`on ${disk.mountedAt}`);
  },
);

const volumes = hostCheck(
  {
    id: 'preflight.volumes',
    title: 'the folders that nodes are to see are there',
    severity: 'high',
    tries: 'looking at each path of volumes',
    sabotage: 'a folder for a node is missing',
  },
  (seen) => {
    const all = volumesOf(seen);
    if (all.length === 0) return undefined;
    const bad = all.flatMap(({ path, service, look }) => {
      if (look?.state === 'absent') return [{ path, text: `${path} (of ${service.name}) is not there` }];
      return look?.state === 'there' && look.kind !== 'folder' ? [{ path, text: `${path} (of ${service.name}) is not a folder` }] : [];
    });
    const where = seen.facts.dsm
      ? 'make it there (DSM: Control Panel > Shared Folder > Create, or File Station), or correct volumes'
      : 'make it there, or correct volumes';
    if (bad.length > 0)
      return wrong(bad.map((one) => one.text).join(', '), `${where} of the node in lobsterpot.yaml: ls -ld ${bad[0]?.path ?? ''}`);
    const hidden = all.filter(({ look }) => look === undefined || look.state === 'hidden').map(({ path }) => path);
    return hidden.length > 0
      ? unseen(`${hidden.join(', ')} cannot be looked at by ${seen.facts.user}`, `look there: sudo ls -ld ${hidden[0] ?? ''}`)
      : fine(all.map(({ path }) => path).join(', '));
  },
);

const access = containerCheck(
  {
    id: 'preflight.volume-access',
    title: 'nodes may read and write the folders that they are to see',
    severity: 'medium',
    tries: "comparing owner and mode of each folder with the number of the node's service",
    sabotage: 'a node may not write its folder',
  },
  (seen) => {
    // In the virtual machine of a Mac's engine, everybody reads and writes as the user of the app.
    if (seen.facts.platform === 'darwin') return undefined;
    const all = volumesOf(seen).filter((one) => one.look?.state === 'there' && one.look.kind === 'folder');
    if (all.length === 0) return undefined;
    const who = numbersOf(seen);
    const judged = all.map(({ path, readOnly, service, look }) => ({
      path,
      service,
      verdict: look && mayUse(look, who.get(service.name) ?? ROOT, readOnly),
    }));
    // chmod would take the whole ACL off a shared folder of DSM.
    const fix = (path: string, uid: number): string =>
      seen.facts.dsm
        ? `DSM: File Station > ${path} > Properties > Permission: let Everyone read (and write, where the node is to)`
        : `there: sudo setfacl -m u:${uid}:rwx ${path} , or: sudo chown ${uid} ${path}`;
    const told = (status: 'no' | 'acl'): readonly string[] =>
      judged
        .filter((one) => one.verdict === status)
        .map(({ path, service }) => `${path} (${service.name} has number ${who.get(service.name)?.uid ?? '?'})`);
    const [first] = judged.filter((one) => one.verdict !== 'yes');
    if (!first) return fine('by their modes');
    const how = fix(first.path, who.get(first.service.name)?.uid ?? 0);
    return told('no').length > 0
      ? wrong(`closed by their modes: ${told('no').join(', ')}`, how)
      : unseen(
          `an ACL decides, which only a try can tell: ${told('acl').join(', ')}`,
          `try it once it runs: lobsterpot exec NODE -- /bin/ls ; then ${how}`,
        );
  },
);

const numbers = containerCheck(IDENTITIES, (seen) => {
  // Containers on a Mac run in a virtual machine with users of its own.
  if (seen.facts.platform === 'darwin') return undefined;
  if (seen.look.users.size === 0) return unseen('/etc/passwd could not be read', 'look there: cat /etc/passwd');
  const shared = [...numbersOf(seen)].filter(([, { uid }]) => seen.look.users.has(uid));
  return shared.length === 0
    ? fine(`${seen.asked.services.length} numbers, all unused`)
    : wrong(
        shared.map(([service, { uid }]) => `${service} would be user ${seen.look.users.get(uid) ?? ''} (${uid})`).join(', '),
        'rename the gateway or node in lobsterpot.yaml: its number follows from its name',
      );
});

const acl = containerCheck(
  {
    id: 'preflight.folder-acl',
    title: "nothing but owner and mode decides on the deployment's folder",
    severity: 'medium',
    tries: 'looking for an ACL on the folder, or on the nearest one above it',
    sabotage: 'an ACL on the folder',
  },
  ({ asked: { root }, look, facts }) => {
    const seen = look.paths.get(root);
    // Home folders of a Mac have one that only keeps them from being deleted, and its engine's virtual machine knows none.
    if (!seen || seen.state === 'hidden' || facts.platform === 'darwin') return undefined;
    return seen.acl
      ? gap(
          `${seen.at} has an ACL: it can let others in whatever the modes in it say`,
          facts.dsm
            ? `DSM: File Station > ${seen.at} > Properties > Permission: take out who has no business there; then prove it: lobsterpot verify`
            : `look at it there: getfacl ${seen.at} ; then prove it: lobsterpot verify`,
        )
      : fine(`no ACL on ${seen.at}`);
  },
);

/** Folders and numbers. */
export const FOLDER_CHECKS: readonly HostCheck[] = [folder, kept, acl, volumes, access, numbers];

function volumesOf({
  asked,
  look,
}: Seen): readonly { readonly path: string; readonly readOnly: boolean; readonly service: Service; readonly look: PathLook | undefined }[] {
  return asked.services.flatMap((service) => (service.volumes ?? []).map((one) => ({ ...one, service, look: look.paths.get(one.path) })));
}

function numbersOf({ asked }: Seen): ReadonlyMap<string, Owner> {
  return identities(
    ROOT,
    asked.deployment,
    asked.services.map(({ name }) => name),
  );
}

function mayUse({ mode, owner, acl: hasAcl }: PathLook, { uid, gid }: Owner, readOnly: boolean): 'yes' | 'no' | 'acl' {
  const shift = owner.uid === uid ? 6 : owner.gid === gid ? 3 : 0;
  const needed = readOnly ? 0o5 : 0o7;
  if (((mode >> shift) & needed) === needed) return hasAcl ? 'acl' : 'yes';
  return hasAcl ? 'acl' : 'no';
}
