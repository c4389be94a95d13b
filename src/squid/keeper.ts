import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../core/wait.ts';
import { Gate } from '../gate/gate.ts';
import { OwnAddresses } from '../gate/own-addresses.ts';
import type { GateSettings } from '../gate/settings.ts';
import type { Tunnel } from '../gate/tunnels.ts';
import { NEVER_CLASSES, classifyAddress } from '../policy/address-class.ts';
import { parseAddress } from '../policy/address.ts';
import type { EgressPolicy } from '../policy/policy.ts';
import { parseAccessLine } from './access-line.ts';
import { askHealth } from './ask-health.ts';
import { DENIAL_PAGE_NAME, denialPage } from './denial-page.ts';
import { Hops } from './hops.ts';
import { judgePassage } from './judge-passage.ts';
import type { KeeperSettings } from './keeper-settings.ts';
import { runSquid, type RunningSquid } from './run-squid.ts';
import { SAME_NAME } from './same-name.ts';
import { squidConf } from './squid-conf.ts';
import type { SquidHop } from './squid-settings.ts';
import { throwawayCertificate } from './throwaway-certificate.ts';

const NOTHING_ALLOWED: EgressPolicy = { version: 1, deployment: 'no policy', mode: 'enforce', allow: [], deny: [] };
const WARM_MS = 5000;
const LAST_LINES_MS = 200;
// As many as are ever open, and those whose line is still to come.
const KEPT_PORTS = 4000;

/**
 * The gate's policy, trail, doors and control around a Squid that decides and connects: it renders the policy in force, has Squid
 * read it, ends what the policy no longer allows, and puts what Squid writes of each connection into the trail.
 */
export class Keeper extends Gate {
  readonly #squid: KeeperSettings;
  readonly #of: { readonly say: (message: string) => void; readonly onEnd: (why: string) => void };
  readonly #hop: SquidHop | undefined;
  readonly #hops: Hops;
  readonly #own = new OwnAddresses();
  readonly #clients: ReadonlyMap<number, string>;
  readonly #pages: string;
  /** By the port that this side has: Squid's line tells it. */
  readonly #byPort = new Map<number, Tunnel>();
  #text = '';
  #running: RunningSquid | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(
    gate: GateSettings,
    squid: KeeperSettings,
    of: { readonly readsHello: boolean; readonly say: (message: string) => void; readonly onEnd: (why: string) => void },
  ) {
    super(gate, of.say);
    this.#squid = squid;
    this.#of = of;
    this.#clients = new Map(squid.clients.map(({ client, port }) => [port, client]));
    this.#pages = join(squid.folder, 'pages');
    mkdirSync(this.#pages, { recursive: true, mode: 0o700 });
    this.#hop = of.readsHello ? makeHop(squid) : undefined;
    this.#hops = new Hops(this.#hop?.port);
  }

  override reload(): number {
    const ended = super.reload();
    this.#apply();
    return ended;
  }

  override tick(): void {
    super.tick();
    this.#apply();
    // Squid took some by the policy of a moment ago.
    this.#endForbidden();
  }

  /** By the name or address that was asked for: which address Squid went to is known when it has ended. */
  override allowsTunnel({ target, client }: Pick<Tunnel, 'target' | 'client'>): boolean {
    return this.judge(target, client).allowed;
  }

  /** A connection was given to Squid from this port. */
  opened(tunnel: Tunnel, port: number | undefined): void {
    this.tunnels.add(tunnel);
    if (port === undefined) return;
    this.#byPort.delete(port);
    this.#byPort.set(port, tunnel);
    if (this.#byPort.size <= KEPT_PORTS) return;
    const [oldest] = this.#byPort.keys();
    if (oldest !== undefined) this.#byPort.delete(oldest);
  }

  /** What Squid wrote of one connection. */
  onLine(text: string): void {
    const line = parseAccessLine(text);
    const passage = line && this.#hops.take(line);
    const client = passage?.line.port === undefined ? undefined : this.#clients.get(passage.line.port);
    if (!passage || client === undefined) return;
    const tunnel = passage.line.fromPort === undefined ? undefined : this.#byPort.get(passage.line.fromPort);
    if (passage.line.fromPort !== undefined) this.#byPort.delete(passage.line.fromPort);
    const { decision, end } = judgePassage(passage, client, {
      decide: (target) => this.judge(target, client),
      why: tunnel?.ended ?? 'closed',
    });
    const seq = this.record(decision);
    if (end && typeof seq === 'number') this.ended({ ...end, of: seq });
  }

  /** Does Squid deny what it must? */
  health(): ReturnType<typeof askHealth> {
    return askHealth(this.#squid.healthPort, this.#hop && this.policy?.mode !== 'report' ? 200 : 403);
  }

  /** Ends what is open, and Squid; its last lines are taken before this resolves. */
  async stopSquid(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (this.tunnels.end(() => 'stopped') > 0) await sleep(LAST_LINES_MS);
    await running?.stop();
    await sleep(LAST_LINES_MS);
  }

  #endForbidden(): void {
    this.tunnels.end((tunnel) => (this.allowsTunnel(tunnel) ? undefined : 'policy'));
  }

  #apply(): void {
    const policy = this.policy ?? NOTHING_ALLOWED;
    const text = squidConf(policy, this.#settings(), Date.now());
    if (text === this.#text) return;
    this.#text = text;
    this.#work = this.#work.then(() => this.#enforce(text, policy.deployment));
  }

  async #enforce(text: string, deployment: string): Promise<void> {
    const conf = join(this.#squid.folder, 'squid.conf');
    writeFileSync(join(this.#pages, DENIAL_PAGE_NAME), denialPage(deployment), { mode: 0o600 });
    writeFileSync(`${conf}.tmp`, text, { mode: 0o600 });
    renameSync(`${conf}.tmp`, conf);
    if (this.#running) this.#running.reconfigure();
    else {
      const started = runSquid(this.#squid.squid, conf, this.#of.say);
      this.#running = started;
      void started.exited.then((why) => {
        if (this.#running === started) this.#of.onEnd(why);
      });
    }
    // The first request through a second hop that nobody asked yet fails: it is ours.
    await until(async () => ((await this.health()) === 'well' ? true : undefined), { timeoutMs: WARM_MS, everyMs: 20 });
    this.#endForbidden();
  }

  #settings(): Parameters<typeof squidConf>[1] {
    const { clients, healthPort, logPort, dns } = this.#squid;
    const own = [...this.#own.now()].filter(isOpenable).toSorted();
    return { clients, healthPort, logPort, own, pages: this.#pages, ...(dns ? { dns } : {}), ...(this.#hop ? { hop: this.#hop } : {}) };
  }
}

function makeHop({ folder, hopPort }: KeeperSettings): SquidHop {
  const certificateFile = join(folder, 'hop.pem');
  const sameNameFile = join(folder, 'same-name.sh');
  writeFileSync(certificateFile, throwawayCertificate(), { mode: 0o600 });
  writeFileSync(sameNameFile, SAME_NAME, { mode: 0o600 });
  return { port: hopPort, certificateFile, sameNameFile };
}

/** Squid warns of an address in a network of the same list. */
function isOpenable(address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && parsed !== 'broken' && !NEVER_CLASSES.has(classifyAddress(parsed));
}
