import { EXIT } from '../../core/exit-code.ts';
import { plainText } from '../../core/plain-text.ts';
import { Problem, type ProblemCode } from '../../core/problem.ts';
import { typedSsh, type SshAddress } from './address.ts';
import { tellingLine, type SshFailure } from './classify.ts';

/** Whom it is about and what was heard. */
export type FailedHost = {
  readonly name: string;
  readonly address: SshAddress;
  readonly stderr: string;
  /** Host and port after the user's own configuration; as known_hosts writes them. */
  readonly knownAs?: string;
  /** Fingerprints that the host showed; to compare with, never to trust. */
  readonly shown?: readonly string[];
  /** A key file that cannot be used without its passphrase. */
  readonly lockedKey?: string;
};

type Told = { readonly code: ProblemCode; readonly what: string; readonly fix: string; readonly cause?: string };

/** The Problem of a host that was not reached; each kind has its own next step. */
export function sshProblem(failure: SshFailure, host: FailedHost): Problem {
  const { code, what, fix, cause } = tell(failure, host);
  const heard = cause ?? tellingLine(host.stderr, failure) ?? 'ssh ended and said nothing';
  return new Problem(code, what, { cause: plainText(heard, 500), fix, exit: EXIT.unreachable });
}

function tell(failure: SshFailure, host: FailedHost): Told {
  const { name } = host;
  const typed = typedSsh(host.address);
  const again = 'then run: lobsterpot up';
  switch (failure) {
    case 'no-ssh':
      return {
        code: 'hosts/ssh-missing',
        what: `no ssh client to reach host ${name} with`,
        fix: `install one (Debian: sudo apt-get install openssh-client), ${again}`,
      };
    case 'configuration':
      return {
        code: 'hosts/ssh-config',
        what: `your ssh configuration stops the way to host ${name}`,
        fix: `correct that line, try: ${typed} true , ${again}`,
      };
    case 'name':
      return {
        code: 'hosts/ssh-name',
        what: `the name of host ${name} is not known`,
        fix: `write its address in place of ${host.address.host}, e.g. connect: ssh://${host.address.user ?? 'admin'}@192.168.1.20 , ${again}`,
      };
    case 'no-route':
      return {
        code: 'hosts/ssh-no-route',
        what: `there is no way to host ${name}`,
        fix: `is it on, and in this network? try: ping ${host.address.host} ; ${moved(name)}; on a Mac allow the terminal in System Settings, Privacy & Security, Local Network; ${again}`,
      };
    case 'refused':
      return {
        code: 'hosts/ssh-refused',
        what: `host ${name} takes no ssh connection`,
        fix: `turn ssh on there (Synology: Control Panel, Terminal & SNMP; Mac: System Settings, General, Sharing, Remote Login) or write its port: connect: ssh://${host.address.user === undefined ? '' : `${host.address.user}@`}${host.address.host}:PORT ; ${again}`,
      };
    case 'timed-out':
      return {
        code: 'hosts/ssh-timeout',
        what: `host ${name} did not answer in time`,
        fix: `is it awake, and does a firewall stand in between? try: ${typed} true ; ${moved(name)}; ${again}`,
      };
    case 'closed-early':
      return {
        code: 'hosts/ssh-closed',
        what: `host ${name} closed the connection before it said who it is`,
        fix: `it may have blocked this address after failed logins (Synology: Control Panel, Security, Protection, Auto Block), or that port is not ssh; try: ${typed} true , ${again}`,
      };
    case 'proxy':
      return {
        code: 'hosts/ssh-jump',
        what: `the jump host on the way to ${name} failed`,
        fix: `see which one with: ${typed} -v true , ${again}`,
      };
    case 'algorithms':
      return {
        code: 'hosts/ssh-algorithms',
        what: `host ${name} and this ssh client have no method in common`,
        fix: `update the ssh server of the host, try: ${typed} true , ${again}`,
      };
    case 'host-key-changed':
      return {
        code: 'hosts/ssh-host-key-changed',
        what: `host ${name} shows another key than before: it is not the machine it was, or someone stands in between`,
        cause: `${tellingLine(host.stderr, failure) ?? 'the host key has changed'}${shown(host)}`,
        fix: `if you set that machine up anew, compare the fingerprint on the machine itself (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then: ssh-keygen -R '${host.knownAs ?? host.address.host}' && ${typed} true`,
      };
    case 'host-key-unknown':
      return {
        code: 'hosts/ssh-host-key-unknown',
        what: `the key of host ${name} is not known yet`,
        cause: `${tellingLine(host.stderr, failure) ?? 'no host key is known'}${shown(host)}`,
        fix: `compare it with the machine itself (there: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then connect once by hand and say yes: ${typed} true`,
      };
    case 'host-key-revoked':
      return {
        code: 'hosts/ssh-host-key-revoked',
        what: `the key of host ${name} was revoked`,
        fix: `make a new key on that machine and take the old one out of known_hosts: ssh-keygen -R '${host.knownAs ?? host.address.host}'`,
      };
    case 'too-many-keys':
      return {
        code: 'hosts/ssh-too-many-keys',
        what: `host ${name} hung up: too many keys were tried before the right one`,
        fix: `name the right one in ~/.ssh/config: Host ${host.address.host}, IdentitiesOnly yes, IdentityFile ~/.ssh/KEY ; ${again}`,
      };
    case 'key-file-open':
      return {
        code: 'hosts/ssh-key-mode',
        what: `the key for host ${name} can be read by others and is not used`,
        fix: `chmod 600 the file that ssh names: ${typed} true , ${again}`,
      };
    case 'agent':
      return {
        code: 'hosts/ssh-agent',
        what: `the ssh agent did not sign for host ${name}`,
        fix: `unlock it (ssh-add, or touch the security key), try: ${typed} true , ${again}`,
      };
    case 'key-refused':
      return host.lockedKey === undefined
        ? {
            code: 'hosts/ssh-auth',
            what: `host ${name} refused every ssh key`,
            fix: `ssh-copy-id${typed.slice('ssh'.length)} , ${again} (Synology: the user must be an administrator and the home folder not writable for others: chmod 755 ~ && chmod 700 ~/.ssh)`,
          }
        : {
            code: 'hosts/ssh-passphrase',
            what: `the key for host ${name} is locked by a passphrase and no agent holds it`,
            cause: `${host.lockedKey}: ${tellingLine(host.stderr, failure) ?? 'permission denied'}`,
            fix: `eval "$(ssh-agent)" && ssh-add ${host.lockedKey} , ${again}`,
          };
    case 'no-shell':
      return {
        code: 'hosts/ssh-shell',
        what: `host ${name} lets the user in but runs no command`,
        fix: `give that user a login shell and a POSIX /bin/sh (Synology: only administrators may log in), try: ${typed} /bin/sh -c true , ${again}`,
      };
    case 'dropped':
      return {
        code: 'hosts/ssh-dropped',
        what: `the connection to host ${name} broke off`,
        fix: `try: ${typed} true , then run the same command again`,
      };
    case 'other':
      return { code: 'hosts/ssh', what: `host ${name} was not reached by ssh`, fix: `try: ${typed} true , ${again}` };
  }
}

/** The address stands in two places of the file: one is dialled from here, the other by the node's host. */
function moved(name: string): string {
  return `has it another address now? write it in lobsterpot.yaml: connect of ${name}, and address of each link that leads to it`;
}

function shown({ shown: prints }: FailedHost): string {
  return prints === undefined || prints.length === 0 ? '' : `; it now shows ${prints.join(', ')} (not proven: read over the network)`;
}
