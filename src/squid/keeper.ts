import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NEVER_CLASSES, classifyAddress } from '../policy/address-class.ts';
import { parseAddress } from '../policy/address.ts';
import type { EgressPolicy } from '../policy/policy.ts';
import { Gate } from '../gate/gate.ts';
import { OwnAddresses } from '../gate/own-addresses.ts';
import type { GateSettings } from '../gate/settings.ts';
import { until } from '../core/wait.ts';
import { askHealth } from './ask-health.ts';
import { parseAccessLine } from './access-line.ts';
import { DENIAL_PAGE_NAME, denialPage } from './denial-page.ts';
import { Hops } from './hops.ts';
import { isAsWide, type PolicyAt } from './is-as-wide.ts';
import { judgePassage } from './judge-passage.ts';
import type { KeeperSettings } from './keeper-settings.ts';
import { runSquid, type RunningSquid } from './run-squid.ts';
import { SAME_NAME } from './same-name.ts';
import { squidConf } from './squid-conf.ts';
import type { SquidHop } from './squid-settings.ts';
import { throwawayCertificate } from './throwaway-certificate.ts';

const NOTHING_ALLOWED: EgressPolicy = { version: 1, deployment: 'no policy', mode: 'enforce', allow: [], deny: [] };

const CLOSE_MS = 3000;
const LAST_LINES_MS = 300;

/**
 * The gate's policy, trail and control around a Squid that does the work: it renders the policy in force, has Squid read it, and puts
 * what Squid writes of each connection into the trail.
 */
export class Keeper extends Gate {
  readonly #squid: KeeperSettings;
  readonly #say: (message: string) => void;
  readonly #onEnd: (why: string) => void;
  readonly #hops: Hops;
  readonly #hop: SquidHop | undefined;
  readonly #own = new OwnAddresses();
  readonly #clients: ReadonlyMap<number, string>;
  readonly #pages: string;
  #text = '';
  #applied: PolicyAt = { policy: NOTHING_ALLOWED, atMs: 0 };
  #running: RunningSquid | undefined;
  /** Those that were told to end and still have their last word. */
  #ending = 0;
  #started = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(
    gate: GateSettings,
    squid: KeeperSettings,
    of: { readonly readsHello: boolean; readonly say: (message: string) => void; readonly onEnd: (why: string) => void },
  ) {
    super(gate, of.say);
    this.#squid = squid;
    this.#say = of.say;
    this.#onEnd = of.onEnd;
    this.#clients = new Map(squid.clients.map(({ client, port }) => [port, client]));
    this.#pages = join(squid.folder, 'pages');
    mkdirSync(this.#pages, { recursive: true, mode: 0o700 });
    this.#hop = of.readsHello ? this.#makeHop() : undefined;
    this.#hops = new Hops(this.#hop?.port);
  }

  #makeHop(): SquidHop {
    const { folder, hopPort } = this.#squid;
    const certificateFile = join(folder, 'hop.pem');
    const sameNameFile = join(folder, 'same-name.sh');
    writeFileSync(certificateFile, throwawayCertificate(), { mode: 0o600 });
    writeFileSync(sameNameFile, SAME_NAME, { mode: 0o600 });
    return { port: hopPort, certificateFile, sameNameFile };
  }

  override reload(): number {
    const ended = super.reload();
    this.#apply();
    return ended;
  }

  override tick(): void {
    super.tick();
    this.#apply();
  }

  /** What Squid wrote of one connection. */
  onLine(text: string): void {
    const line = parseAccessLine(text);
    const passage = line && this.#hops.take(line);
    const client = passage?.line.port === undefined ? undefined : this.#clients.get(passage.line.port);
    // A probe of the second hop, and what came without a word.
    if (!passage || client === undefined || (passage.line.method === '-' && passage.line.host === '')) return;
    const { decision, end } = judgePassage(passage, client, {
      decide: (target) => this.judge(target, client),
      why: this.#ending > 0 ? 'policy' : 'closed',
    });
    const seq = this.record(decision);
    if (end && typeof seq === 'number') this.trail.write({ ...end, of: seq });
  }

  /** Does it deny what it must? */
  health(): ReturnType<typeof askHealth> {
    return askHealth(this.#squid.healthPort, this.#hop && this.policy?.mode !== 'report' ? 200 : 403);
  }

  /** Ends Squid; its last lines are taken before this resolves. */
  async stopSquid(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (!running) return;
    await running.stop();
    // What it wrote last may come after its end.
    await sleep(LAST_LINES_MS);
  }

  /** Has Squid do what the policy of now says. Squid cannot close one tunnel: what takes something back starts it anew. */
  #apply(): void {
    const next: PolicyAt = { policy: this.policy ?? NOTHING_ALLOWED, atMs: Date.now() };
    const text = squidConf(next.policy, this.#settings(), next.atMs);
    if (text === this.#text) return;
    this.#text = text;
    const mayStay = isAsWide(this.#applied, next);
    this.#applied = next;
    this.#work = this.#work.then(() => this.#enforce(text, mayStay));
  }

  async #enforce(text: string, mayStay: boolean): Promise<void> {
    const conf = join(this.#squid.folder, 'squid.conf');
    writeFileSync(join(this.#pages, DENIAL_PAGE_NAME), denialPage(this.#applied.policy.deployment), { mode: 0o600 });
    writeFileSync(`${conf}.tmp`, text, { mode: 0o600 });
    renameSync(`${conf}.tmp`, conf);
    if (this.#running && mayStay) {
      this.#running.reconfigure();
      return this.#warm();
    }
    const before = this.stopSquid();
    await until(async () => ((await this.health()) === 'silent' ? true : undefined), { timeoutMs: CLOSE_MS, everyMs: 20 });
    this.#ending += 1;
    void before.finally(() => (this.#ending -= 1));
    this.#started += 1;
    const started = runSquid(this.#squid.squid, conf, `lobsterpot${this.#started % 2}`, this.#say);
    this.#running = started;
    void started.exited.then((why) => {
      if (this.#running === started) this.#onEnd(why);
    });
    await this.#warm();
  }

  /** The first request through a second hop that nobody asked yet fails: it is ours. */
  async #warm(): Promise<void> {
    await until(async () => ((await this.health()) === 'well' ? true : undefined), { timeoutMs: CLOSE_MS, everyMs: 20 });
  }

  #settings(): Parameters<typeof squidConf>[1] {
    const { clients, healthPort, logPort, dns } = this.#squid;
    const own = [...this.#own.now()].filter(isOpenable).toSorted();
    return { clients, healthPort, logPort, own, pages: this.#pages, ...(dns ? { dns } : {}), ...(this.#hop ? { hop: this.#hop } : {}) };
  }
}

/** Squid warns of an address in a network of the same list. */
function isOpenable(address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && parsed !== 'broken' && !NEVER_CLASSES.has(classifyAddress(parsed));
}
