import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, type AddressInfo, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

import type { Redacted } from '../../src/core/redacted.ts';
import { until } from '../../src/core/wait.ts';
import type { Host } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local-host.ts';
import { generateLinkKey } from '../../src/link/link-key.ts';
import { knownHosts } from '../../src/services/known-hosts.ts';
import { linkServiceOf } from '../../src/services/link-service.ts';
import { freePort, makeSshdFolder, SSHD } from '../ssh/start-sshd.ts';

const START_MS = 10_000;

/** A folder with all that an sshd of its own needs, and a home that stands in for that of the user. */
export type LinkStage = AsyncDisposable & {
  readonly folder: string;
  readonly user: string;
  readonly home: string;
  readonly authorizedKeys: string;
  readonly config: string;
  readonly hostKey: string;
  readonly hostPublicKey: string;
  /** This machine; the user's home is the one of the stage. */
  readonly host: Host;
  /** The command of the service of a link with this key, which believes only these keys of the host. */
  command(
    privateKey: Redacted,
    to: { readonly port: number; readonly gatewayPort: number; readonly hostKeys?: readonly string[] },
  ): readonly string[];
  /** Starts a program and waits until something listens on the port; ended with the scope. */
  keepRunning(program: string, args: readonly string[], port: number): Promise<AsyncDisposable>;
};

/** Made in the temporary folder; goes away at the end of the scope. */
export function linkStage(): LinkStage {
  const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-link-'));
  const [home, hostKey, config] = [join(folder, 'home'), join(folder, 'host_key'), join(folder, 'sshd_config')];
  const authorizedKeys = join(home, '.ssh/authorized_keys');
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  const { privateKey, publicKey } = generateLinkKey();
  writeFileSync(hostKey, privateKey.reveal(), { mode: 0o600 });
  writeFileSync(`${hostKey}.pub`, `${publicKey} host\n`);
  // The temporary folder can be written by everybody, which sshd would refuse.
  writeFileSync(
    config,
    `HostKey ${hostKey}\nAuthorizedKeysFile ${authorizedKeys}\nStrictModes no\nUsePAM no\nPidFile none\nLogLevel VERBOSE\n`,
  );
  const { username, uid, gid } = userInfo();
  const here = localHost('here');
  return {
    folder,
    user: username,
    home,
    authorizedKeys,
    config,
    hostKey,
    hostPublicKey: publicKey,
    host: {
      ...here,
      run: (argv, options) =>
        argv.at(-1) === username
          ? Promise.resolve({ code: 0, signal: undefined, timedOut: false, stdout: `${uid}\n${gid}\n${home}\n`, stderr: '' })
          : here.run(argv, options),
    },
    command: (key, { port, gatewayPort, hostKeys = [publicKey] }) => {
      const known = mkdtempSync(join(folder, 'known-'));
      const identity = join(known, 'identity');
      writeFileSync(identity, key.reveal(), { mode: 0o600 });
      writeFileSync(join(known, 'known_hosts'), knownHosts('127.0.0.1', port, hostKeys));
      const link = { kind: 'ssh-tunnel', user: username, address: '127.0.0.1', port } as const;
      const { command } = linkServiceOf({ node: 'nas', host: 'nas', link, gatewayPort, hostKeys });
      return command.map((one) =>
        one
          .replace('{ssh}', 'ssh')
          .replace(/(?<=^IdentityFile=).*/, identity)
          .replace(/(?<=^UserKnownHostsFile=).*/, join(known, 'known_hosts')),
      );
    },
    keepRunning,
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A real sshd on a free port of this machine's loopback; ended with the scope. */
export async function startSshd(stage: LinkStage, options: readonly string[] = []): Promise<AsyncDisposable & { readonly port: number }> {
  makeSshdFolder();
  const port = await freePort();
  const args = ['-D', '-e', '-f', stage.config, '-o', `ListenAddress=127.0.0.1:${port}`, ...options];
  const sshd = await keepRunning(SSHD, args, port);
  return { port, [Symbol.asyncDispose]: () => sshd[Symbol.asyncDispose]() };
}

/** Answers `/healthz` on a free port of the loopback, as a gateway does. */
export async function gatewayStandIn(): Promise<AsyncDisposable & { readonly port: number; close(): Promise<void> }> {
  const server = createHttpServer((request, response) => response.writeHead(request.url === '/healthz' ? 200 : 404).end('{"ok":true}\n'));
  const port = await listening(server);
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return { port, close, [Symbol.asyncDispose]: close };
}

function listening(server: Server): Promise<number> {
  return new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => done(portOf(server.address())));
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('not a port of the network');
  return address.port;
}

async function keepRunning(program: string, args: readonly string[], port: number): Promise<AsyncDisposable> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  let said = '';
  child.on('error', (error) => (said += error.message));
  child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-4000)));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    if (child.pid !== undefined) await ended;
  };
  const up = await until(async () => ((await answers(port)) ? true : undefined), { timeoutMs: START_MS, everyMs: 50 });
  if (up !== true) {
    await stop();
    throw new Error(`${program} does not listen: ${said}`);
  }
  return { [Symbol.asyncDispose]: stop };
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean): void => {
      socket.destroy();
      done(answer);
    };
    socket.setTimeout(1000, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
