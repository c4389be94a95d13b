type Fault = { readonly cause: string; readonly change: string };

/** Folders of a system, or of a service itself, that no container is given: they, what is in them and what they are in. */
const SYSTEM: readonly string[] =
  '/bin /boot /dev /etc /lib /lib32 /lib64 /libx32 /proc /root /run /sbin /sys /tmp /usr /var/lib /var/run /var/tmp /System /Library /private /app /config /secrets /state'.split(
    ' ',
  );

/** Folders of people's own keys and settings, or of Docker's own data, wherever they lie. */
const PRIVATE = ['.ssh', '.gnupg', '.aws', '.kube', '.config', '.local', '.docker', '.orbstack', '.colima', '.lima', '@docker'];

const HOMES = /^\/(?:home|Users|var\/services\/homes|volume\d+\/homes)(?:\/[^/]+)?$/;

/** What is wrong with the folder that a deployment's files are to lie in. */
export function faultOfDir(path: string): Fault | undefined {
  const change = 'name a folder of its own, such as /volume1/docker/openclaw or /srv/openclaw';
  const shape = faultOfShape(path);
  if (shape) return shape;
  if (isSystem(path)) return { cause: 'it is a folder of the system', change };
  if (HOMES.test(path) || !path.slice(1).includes('/')) return { cause: 'it is not a folder of its own', change };
  if (privatePart(path) !== undefined) return { cause: 'it lies in a folder that holds keys, settings or the data of Docker', change };
  return undefined;
}

/** What is wrong with a folder that a node is to see; `dir` is where the deployment's own files lie. */
export function faultOfVolume(path: string, dir: string | undefined): Fault | undefined {
  const change = 'name the folder that the node is to work on, such as /volume1/photos';
  if (path.startsWith('/') && /:[A-Za-z,]*$/.test(path)) {
    return { cause: 'nothing but :ro may follow the path', change: 'write the path alone: it can be written to unless :ro follows' };
  }
  const shape = faultOfShape(path);
  if (shape) return shape;
  if (path.split('/').some((part) => part.endsWith('docker.sock'))) {
    return { cause: 'whoever reaches the socket of Docker owns the whole host', change: 'remove it; nothing inside needs it' };
  }
  if (isSystem(path)) return { cause: 'it is or holds a folder of the system, or one that the service has of its own', change };
  if (HOMES.test(path)) return { cause: 'a home folder holds keys and passwords', change };
  if (/^\/volume\d+$/.test(path)) return { cause: 'it is a whole disk, with the data of Docker on it', change };
  if (privatePart(path) !== undefined) return { cause: 'it lies in a folder that holds keys, settings or the data of Docker', change };
  if (dir !== undefined && (within(path, dir) || within(dir, path))) {
    return { cause: "the deployment's own files and secrets lie there", change };
  }
  return undefined;
}

function faultOfShape(path: string): Fault | undefined {
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(path))
    return { cause: 'it has a control character in it', change: 'write the path in plain characters' };
  if (!path.startsWith('/')) return { cause: 'it does not begin with /', change: 'write the absolute path on the host' };
  if (path === '/') return { cause: 'it is the whole host', change: 'name one folder of it' };
  if (/[:"'`$\\,]/.test(path)) {
    return { cause: 'it has one of : , " \' ` $ \\ in it, which not every Docker reads alike', change: 'name a folder without them' };
  }
  const parts = path.split('/').slice(1);
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    return { cause: 'it has an empty part, `.` or `..` in it, or ends with /', change: 'write the path without detours' };
  }
  return parts.some((part) => part.trim() !== part)
    ? { cause: 'a part of it begins or ends with a space', change: 'write the path without it' }
    : undefined;
}

// Folders of a Mac are the same in capitals and small letters.
function isSystem(path: string): boolean {
  return SYSTEM.some((one) => within(path, one) || within(one, path));
}

function privatePart(path: string): string | undefined {
  return path.split('/').find((part) => PRIVATE.some((one) => one.toLowerCase() === part.toLowerCase()));
}

/** True when `path` is `folder` or lies in it. */
function within(path: string, folder: string): boolean {
  return `${path.toLowerCase()}/`.startsWith(`${folder.toLowerCase()}/`);
}
