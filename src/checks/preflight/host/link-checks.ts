import type { AccountLook } from '../../../hosts/look.ts';
import { placeFault, type KeyPlace } from '../../../link/account.ts';
import type { Problem } from '../../../core/problem.ts';
import { fine, hostCheck, unseen, wrong, type Asked, type HostCheck, type Seen, type Verdict } from './host-check.ts';

type LinkHere = Asked['linksHere'][number];

const ABSENT = { kind: 'absent' } as const;

const account = linkCheck(
  {
    id: 'preflight.link-account',
    title: 'the account that takes the key of a link exists',
    severity: 'high',
    tries: 'asking id for the user of the link',
    sabotage: 'no account for the link',
  },
  ({ user }, seen, found) =>
    found
      ? fine(`${user} is ${found.owner.uid}`)
      : wrong(
          `host ${seen.asked.host} has no account ${user}`,
          'make that account there, or name another as the user of the link in lobsterpot.yaml',
        ),
);

const rights = linkCheck(
  {
    id: 'preflight.link-rights',
    title: 'the keys of that account can be written',
    severity: 'high',
    tries: 'comparing the user of the connection with the account',
    sabotage: 'another account than ours',
  },
  ({ user }, { facts }, found) => found && judged(placeFault({ ...found, user }, soundPlace(found), facts.uid), `${facts.user} may`),
);

const home = linkCheck(
  {
    id: 'preflight.link-home',
    title: 'sshd accepts keys in the home folder of that account',
    severity: 'high',
    tries: 'reading owner and mode of the home folder',
    sabotage: 'a home folder that others may write',
  },
  ({ user }, _seen, found) =>
    found && judged(placeFault({ ...found, user }, { ...soundPlace(found), home: found.place.home }, 0), found.home),
);

const keys = linkCheck(
  {
    id: 'preflight.link-keys',
    title: 'authorized_keys of that account is its own plain file',
    severity: 'high',
    tries: 'reading kind and owner of ~/.ssh and of the file in it',
    sabotage: "somebody else's keys",
  },
  ({ user }, _seen, found) => {
    if (!found) return undefined;
    if (found.isHidden) return unseen(`${found.home}/.ssh cannot be looked at`, `look there: sudo ls -la ${found.home}/.ssh`);
    return judged(
      placeFault({ ...found, user }, { ...found.place, home: soundPlace(found).home }, 0),
      found.place.file.kind === 'absent' ? 'it will be made' : 'its own',
    );
  },
);

const forwarding = linkCheck(
  {
    id: 'preflight.link-forwarding',
    title: "the gateway's host lets its sshd forward the tunnel",
    severity: 'high',
    tries: 'reading AllowTcpForwarding of sshd_config',
    sabotage: 'sshd forwards nothing',
  },
  (_link, { look: { sshd }, facts }) => {
    const set = 'AllowTcpForwarding yes in /etc/ssh/sshd_config there, and start sshd anew';
    if (!sshd)
      return unseen("sshd's settings cannot be read", `look there: sudo sshd -T | grep -i allowtcpforwarding ; it must be: ${set}`);
    return /^(yes|all|local)$/.test(sshd.tcpForwarding)
      ? fine(`AllowTcpForwarding ${sshd.tcpForwarding}`)
      : wrong(
          `AllowTcpForwarding ${sshd.tcpForwarding}: the tunnel of a node opens and carries nothing`,
          facts.dsm ? `put the gateway on the other host (DSM sets this back at each update), or set ${set}` : `set ${set}`,
        );
  },
);

const port = linkCheck(
  {
    id: 'preflight.link-port',
    title: "the gateway's host listens for the tunnel",
    severity: 'high',
    tries: "looking for a listener on the link's port",
    sabotage: 'no sshd where the link leads',
  },
  (link, { facts: { listening, macos } }) => {
    if (!listening || listening.length === 0)
      return unseen('what listens there was not told', 'look there: ss -ltn, or on a Mac: netstat -an -p tcp');
    const at = listening.filter((one) => one.port === link.port).map((one) => one.address);
    return at.some((one) => !one.startsWith('127.') && one !== '::1')
      ? fine(`port ${link.port}`)
      : wrong(
          `${at.length > 0 ? 'only its loopback' : 'nothing'} listens on port ${link.port}`,
          macos
            ? 'System Settings > General > Sharing > Remote Login'
            : 'start sshd there (sudo systemctl start ssh), or correct the port of the link in lobsterpot.yaml',
        );
  },
);

const address = linkCheck(
  {
    id: 'preflight.link-address',
    title: "the link leads to the gateway's host",
    severity: 'medium',
    tries: "comparing the link's address with the host's own",
    sabotage: 'a link to another machine',
  },
  (link, { look: { addresses } }) => {
    if (!/^[\d.]+$/.test(link.address))
      return unseen(
        `${link.address} is a name, and whether the node's host knows it is not seen from here`,
        `try it on the node's host: ping -c 1 ${link.address} ; an address does without`,
      );
    if (addresses.length === 0) return unseen('the host did not tell its addresses', 'look there: ip address, or on a Mac: ifconfig');
    return addresses.includes(link.address)
      ? fine(link.address)
      : wrong(
          `${link.address} is no address of the gateway's host, which has ${addresses.filter((one) => !one.startsWith('127.')).join(', ')}`,
          'correct the address of the link in lobsterpot.yaml',
        );
  },
);

/** What the host of a gateway is asked when nodes of other hosts dial it. */
export const LINK_HOST_CHECKS: readonly HostCheck[] = [account, rights, home, keys, forwarding, port, address];

/** Asked for every link that leads here; the worst answer is the check's. */
function linkCheck(
  info: Parameters<typeof hostCheck>[0],
  judge: (link: LinkHere, seen: Seen, account: AccountLook | undefined) => Verdict | undefined,
): HostCheck {
  const rank: readonly Verdict['status'][] = ['fail', 'unknown', 'not-enforced', 'pass'];
  return hostCheck(info, (seen) =>
    seen.asked.linksHere
      .flatMap((link) => judge(link, seen, seen.look.accounts.get(link.user)) ?? [])
      .toSorted((a, b) => rank.indexOf(a.status) - rank.indexOf(b.status))
      .at(0),
  );
}

/** A place with nothing wrong, of which each check takes its own part from what was seen. */
function soundPlace({ owner }: AccountLook): KeyPlace {
  return { home: { kind: 'directory', mode: 0o700, owner }, folder: ABSENT, file: ABSENT };
}

function judged(fault: Problem | undefined, message: string): Verdict {
  return fault ? wrong(`${fault.message}: ${fault.why}`, fault.fix.replace(/ , then run: lobsterpot up$/, '')) : fine(message);
}
