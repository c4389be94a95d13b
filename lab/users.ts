/** The person that logs in on a place. */
export type User = { readonly name: string; readonly uid: number; readonly gid: number; readonly home: string; readonly shell: string };

/** As on a Mac (501, staff) and on DSM (1026, users). */
export const USERS = {
  mac: { name: 'me', uid: 501, gid: 20, home: '/Users/me', shell: '/bin/bash' },
  nas: { name: 'admin', uid: 1026, gid: 100, home: '/var/services/homes/admin', shell: '/bin/sh' },
} as const satisfies Readonly<Record<string, User>>;

/** `text` of /etc/passwd or /etc/shadow with the user's line in place of any line of that name. */
export function withUser(text: string, user: User, file: 'passwd' | 'shadow'): string {
  const others = text.split('\n').filter((line) => line !== '' && !line.startsWith(`${user.name}:`));
  // `*`: no password fits, and sshd does not take the account for a locked one, as it would with `!`.
  const own =
    file === 'passwd' ? `${user.name}:x:${user.uid}:${user.gid}::${user.home}:${user.shell}` : `${user.name}:*:19000:0:99999:7:::`;
  return `${[...others, own].join('\n')}\n`;
}

/** `text` of /etc/group in which the group of that number has that name; another one of the name gives it up. */
export function withGroup(text: string, gid: number, name: string): string {
  return text
    .replace(new RegExp(`^${name}:`, 'm'), `${name}-of-debian:`)
    .replace(new RegExp(`^[^:\\n]+:([^:\\n]*):${gid}:`, 'm'), `${name}:$1:${gid}:`);
}

/** `text` of /etc/group in which `user` belongs to `group`. */
export function withMember(text: string, group: string, user: string): string {
  return text.replace(
    new RegExp(`^(${group}:[^:]*:[^:]*):(.*)$`, 'm'),
    (_line, head: string, members: string) =>
      `${head}:${[...members.split(',').filter((one) => one !== '' && one !== user), user].join(',')}`,
  );
}
