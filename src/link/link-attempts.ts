import { sshArgv, type Tunnel } from './tunnel.ts';

/** What is asked of a link. `forward` is the control of the others: it must work, they must not. */
export type LinkProbeId = 'forward' | 'exec' | 'elsewhere' | 'reverse' | 'reverse-socket' | 'host-key';

/** One call of ssh that tries something. */
export type LinkAttempt = { readonly name: string; readonly argv: readonly string[]; readonly stdin: string };

export type LinkProbeInput = {
  /** Random letters and digits that nothing else says. */
  readonly canary: string;
  /** A public key (`TYPE BASE64`) that no host has: what an impostor would show. */
  readonly strangeKey: string;
};

/** A path that the gateway answers to anybody. */
const ASK = 'GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n';
/** An address that belongs to nobody (RFC 5737). */
const NOBODY = '192.0.2.1:443';

/** Where the far end puts the Unix socket of the `reverse-socket` probe, should it let it; sshd leaves it behind. */
export function reverseSocketPath(canary: string): string {
  return `/tmp/lobsterpot-probe-${canary}.sock`;
}

/** Every attempt of every probe. Pure. */
export function linkAttempts(tunnel: Tunnel, input: LinkProbeInput): Readonly<Record<LinkProbeId, readonly LinkAttempt[]>> {
  const { canary, strangeKey } = input;
  const { gatewayPort } = tunnel;
  const attempt = (name: string, call: Parameters<typeof sshArgv>[1], stdin = ''): LinkAttempt => ({
    name,
    argv: sshArgv(tunnel, call),
    stdin,
  });
  const through = (target: string): LinkAttempt => attempt(target, { flags: ['-W', target] }, ASK);
  // With a command the client ends by itself, also when the far end grants what it must not.
  const backwards = (listen: string): LinkAttempt => attempt(`-R ${listen}`, { flags: ['-R', `${listen}:127.0.0.1:9`], command: ['true'] });
  // Not `none` for the user's file: without a file to write, ssh refuses an unknown host whatever it was told.
  const believing = (name: string, ...known: readonly string[]): LinkAttempt =>
    attempt(name, { first: settings('UserKnownHostsFile=/dev/null', 'GlobalKnownHostsFile=none', ...known), command: ['true'] });
  const gateway = `127.0.0.1:${gatewayPort}`;
  const nextPort = gatewayPort === 65_535 ? gatewayPort - 1 : gatewayPort + 1;
  const elsewhere = [`127.0.0.1:${tunnel.port}`, `127.0.0.1:${nextPort}`, NOBODY].filter((target) => target !== gateway);
  return {
    forward: [through(gateway)],
    exec: [attempt('a command', { command: ['echo', canary] })],
    elsewhere: elsewhere.map(through),
    reverse: [backwards('127.0.0.1:0')],
    'reverse-socket': [backwards(reverseSocketPath(canary))],
    // %H is the name under which ssh looks for the key.
    'host-key': [believing('another key', `KnownHostsCommand=/bin/echo %H ${strangeKey}`), believing('no key')],
  };
}

function settings(...all: readonly string[]): readonly string[] {
  return all.flatMap((one) => ['-o', one]);
}
