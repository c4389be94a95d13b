import type { GateStatus, PendingEntry } from '../policy/gate-protocol.ts';
import { nextExpiry, refusal } from '../policy/decide.ts';
import type { EgressPolicy, Reason, Target, Verdict } from '../policy/policy.ts';
import { normaliseTarget } from '../policy/target.ts';
import type { DecisionEvent, EndEvent } from '../policy/trail-line.ts';
import { Admission } from './admission.ts';
import { Counts } from './metrics.ts';
import { OwnAddresses } from './own-addresses.ts';
import { Pending } from './pending.ts';
import { PolicyStore } from './policy-store.ts';
import { RecordBudget } from './record-budget.ts';
import { NameCache } from './resolve.ts';
import { Routes } from './routes/routes.ts';
import type { GateSettings } from './settings.ts';
import { Trail } from './trail.ts';
import { type Tunnel, Tunnels } from './tunnels.ts';
import { Verdicts } from './verdicts.ts';

const MOST_QUIET_MS = 120_000;

/** One running gate: the policy in force, the trail, and what is open. Connections and control work on it. */
export class Gate {
  readonly settings: GateSettings;
  readonly trail: Trail;
  readonly tunnels: Tunnels;
  readonly admission: Admission;
  readonly names: NameCache;
  readonly routes: Routes;
  readonly pending = new Pending();
  readonly counts = new Counts();
  readonly #store: PolicyStore;
  readonly #budget = new RecordBudget(() => performance.now());
  readonly #own = new OwnAddresses();
  readonly #verdicts = new Verdicts();
  readonly #complain: (message: string) => void;
  readonly #startedMs = performance.now();
  #nextExpiryMs: number | undefined;
  #quietUntilMs = 0;
  #allowed = 0;
  #denied = 0;

  constructor(settings: GateSettings, complain: (message: string) => void) {
    this.settings = settings;
    this.#complain = complain;
    this.#store = new PolicyStore(settings, Date.now);
    this.trail = new Trail({ ...settings.trail, nowMs: Date.now, complain });
    this.names = new NameCache({ timeoutMs: settings.limits.dnsMs, ...(settings.dns ? { servers: settings.dns } : {}) });
    this.tunnels = new Tunnels(settings.limits);
    this.admission = new Admission(settings.limits);
    this.routes = new Routes(this, complain);
  }

  /** Reads the policy again and ends the tunnels that it forbids. Gives how many. */
  reload(): number {
    const before = this.#store.state;
    const { policy, digest, error } = this.#store.load();
    if (error !== undefined && error !== before.error) {
      this.#complain(`${error}; ${policy ? 'the last good one stays in force' : 'everything is denied'}`);
      this.trail.write({ kind: 'policy-error', message: error });
    }
    if (policy && digest !== undefined && (digest !== before.digest || before.error !== undefined))
      this.trail.write({ kind: 'policy', digest, mode: policy.mode });
    return this.#enforce();
  }

  /** Once a second: changed files, ended rules, idle tunnels. */
  tick(): void {
    if (this.#store.isStale()) this.reload();
    else if (this.#nextExpiryMs !== undefined && Date.now() >= this.#nextExpiryMs) this.#enforce();
    this.tunnels.sweep(performance.now());
    this.#tellUnrecorded('due');
  }

  /** The last record; what was only counted so far is told before it. */
  stop(why: string): void {
    this.#tellUnrecorded('all');
    this.trail.write({ kind: 'stop', why });
  }

  #tellUnrecorded(which: 'due' | 'all'): void {
    for (const { client, detail } of this.#budget.take(which))
      this.trail.write({ kind: 'decision', client, verdict: 'deny', reason: 'limit', via: 'none', host: '', port: 0, detail });
  }

  #enforce(): number {
    const { policy } = this.#store.state;
    this.#nextExpiryMs = policy ? nextExpiry(policy, Date.now()) : undefined;
    return this.tunnels.end((tunnel) => (this.allowsTunnel(tunnel) ? undefined : 'policy'));
  }

  /** Would this tunnel be let through now? */
  allowsTunnel({ target, client, address }: Pick<Tunnel, 'target' | 'client' | 'address'>): boolean {
    return this.judge(target, client).allowed && this.judgeAddress(address, target.port, client).allowed;
  }

  /** What is in force, the operators' rules before the file's; undefined: nothing valid was read yet. */
  get policy(): EgressPolicy | undefined {
    return this.#store.state.policy;
  }

  judge(target: Target, client: string): Verdict {
    const { policy } = this.#store.state;
    return policy ? this.#verdicts.ofTarget(policy, target, client, Date.now()) : { allowed: false, reason: 'no-policy' };
  }

  judgeAddress(address: string, port: number, client: string): Verdict {
    const { policy } = this.#store.state;
    if (!policy) return { allowed: false, reason: 'no-policy' };
    return this.#verdicts.ofAddress(policy, address, port, { client, nowMs: Date.now(), own: this.#own.now() });
  }

  /** What the mode makes of a refusal that no rule is about (a wrong server name). */
  refusalOf(reason: Reason): Verdict {
    const { policy } = this.#store.state;
    return policy ? refusal(policy, reason) : { allowed: false, reason: 'no-policy' };
  }

  /** Does this denied attempt still wait for somebody's yes or no? */
  isPending({ host, port, client, reason: was }: PendingEntry): boolean {
    const target = normaliseTarget(host, port);
    if ('refused' in target) return false;
    const { reason, would } = this.judge(target, client);
    if (reason === 'deny-rule' || would === 'deny-rule') return false;
    return reason !== 'rule' || was === 'private-address';
  }

  /** `home/gateway-main`: who decided about whom, for denials. */
  policyName(client: string): string {
    return `${this.#store.state.policy?.deployment ?? 'no policy'}/${client}`;
  }

  /** A proof begins (or, with 0, has ended): for so long denied attempts are recorded and wait for nobody; at most two minutes. */
  quiet(forMs: number): void {
    this.#quietUntilMs = performance.now() + Math.min(forMs, MOST_QUIET_MS);
    if (forMs > 0) this.#budget.makeRoom();
  }

  /** Puts a decision into the trail; undefined when that failed and the settings let nothing pass unrecorded. */
  record(event: DecisionEvent): number | 'unrecorded' | undefined {
    this.#count(event);
    const { client, verdict } = event;
    const kind = event.via === 'dns' ? 'question' : 'denial';
    if (verdict === 'deny' && !this.#budget.spend(client, kind)) {
      this.#budget.skip(client, `more ${kind === 'question' ? 'DNS questions' : 'denials'} than are recorded one by one`);
      return 'unrecorded';
    }
    return this.#recorded(this.trail.write(event));
  }

  /** As `record`, for what was let through: written with others of this moment, and told then. Nothing may pass before. */
  recordPassage(event: DecisionEvent, onWritten: (seq: number | 'unrecorded' | undefined) => void): void {
    this.#count(event);
    this.trail.writeTogether(event, (seq) => onWritten(this.#recorded(seq)));
  }

  #recorded(seq: number | undefined): number | 'unrecorded' | undefined {
    return seq ?? (this.settings.audit === 'required' ? undefined : 'unrecorded');
  }

  #count(event: DecisionEvent): void {
    if (event.verdict === 'allow') this.#allowed += 1;
    else this.#denied += 1;
    this.counts.decided(event);
    if (performance.now() >= this.#quietUntilMs) this.pending.note(event, event, Date.now());
  }

  /** A connection that was let through has ended. */
  ended(event: Omit<EndEvent, 'kind'>): void {
    this.counts.ended(event);
    this.trail.writeSoon({ kind: 'end', ...event });
  }

  /** Is there room for the record of one more passage? What could not be recorded does not pass. */
  hasRecordFor(client: string): boolean {
    return this.#budget.has(client, 'passage');
  }

  /** Takes the record of one passage; false when there is no room, and then it must not pass. */
  takeRecordFor(client: string): boolean {
    return this.#budget.spend(client, 'passage');
  }

  /** A connection that found no place. */
  turnedAway(client: string, limit: 'client-limit' | 'total-limit'): void {
    this.#denied += 1;
    this.counts.decided({ client, verdict: 'deny', reason: 'limit' });
    this.#budget.skip(client, `connections turned away (${limit})`);
  }

  status(): GateStatus {
    const { policy, digest, error, overrides } = this.#store.state;
    return {
      pid: process.pid,
      uptimeMs: Math.round(performance.now() - this.#startedMs),
      ...(policy ? { deployment: policy.deployment, mode: policy.mode } : {}),
      ...(digest === undefined ? {} : { policyDigest: digest }),
      ...(error === undefined ? {} : { policyError: error }),
      overrides,
      ...(this.trail.error === undefined ? {} : { trailError: this.trail.error }),
      trail: this.trail.head,
      connections: this.admission.total,
      allowed: this.#allowed,
      denied: this.#denied,
      tunnels: this.tunnels.list(performance.now()),
      ...(this.settings.routes.length === 0 ? {} : { routes: this.routes.uses() }),
    };
  }
}
