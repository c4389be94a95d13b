import { isRecord } from '../core/json.ts';
import { type Invalid, parseJson, unknownKey } from '../policy/policy-file.ts';
import { type GateListener, parseListeners } from './listener-settings.ts';
import { type RouteSettings, parseRoutes } from './routes/route-settings.ts';

export type GateLimits = {
  readonly headBytes: number;
  readonly headMs: number;
  readonly helloBytes: number;
  readonly helloMs: number;
  readonly dnsMs: number;
  readonly connectMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
  readonly perClient: number;
  readonly connections: number;
  /** How long a provider may take to begin its answer, and then from one piece of it to the next. */
  readonly routeFirstMs: number;
  readonly routeStallMs: number;
  readonly routeBodyBytes: number;
  /** Requests at the same time on one route. */
  readonly perRoute: number;
};

/** gate.json: what does not change while the gate runs. */
export type GateSettings = {
  readonly version: 1;
  readonly listeners: readonly GateListener[];
  readonly policyFile: string;
  readonly overridesFile: string;
  readonly trail: { readonly folder: string; readonly fileBytes: number; readonly files: number; readonly ageMs?: number };
  /** `required`: no new connection when its record cannot be written. */
  readonly audit: 'best-effort' | 'required';
  /** Resolvers to ask instead of the system's (`address` or `address:port`). */
  readonly dns?: readonly string[];
  /** Where a client asks without a credential, and the gate adds it. */
  readonly routes: readonly RouteSettings[];
  /** Where it is kept what they used; absent: nowhere, and no route may have a budget. */
  readonly accountsFile?: string;
  readonly limits: GateLimits;
};

/** What gate.json leaves out. A model may think for minutes without a byte, hence the idle limit. */
export const DEFAULT_LIMITS: GateLimits = {
  headBytes: 16_384,
  headMs: 10_000,
  helloBytes: 32_768,
  helloMs: 10_000,
  dnsMs: 5000,
  connectMs: 10_000,
  idleMs: 900_000,
  totalMs: 86_400_000,
  perClient: 300,
  connections: 900,
  routeFirstMs: 300_000,
  // Providers send a sign of life every few seconds while a model thinks.
  routeStallMs: 120_000,
  routeBodyBytes: 33_554_432,
  perRoute: 16,
};

/** Bounds of the trail on disk unless gate.json says otherwise: 20 files of 8 MiB. */
export const DEFAULT_TRAIL = { fileBytes: 8 * 1024 * 1024, files: 20 } as const;

const KEYS = ['version', 'listeners', 'policyFile', 'overridesFile', 'trail', 'audit', 'dns', 'routes', 'accountsFile', 'limits'];

/** Reads gate.json; the service does not start with an invalid one. */
export function parseSettings(text: string): GateSettings | Invalid {
  const value = parseJson(text);
  if ('invalid' in value) return value;
  const {
    version,
    listeners,
    policyFile,
    overridesFile,
    trail,
    audit = 'best-effort',
    dns,
    routes = [],
    accountsFile,
    limits = {},
  } = value.record;
  const unknown = unknownKey(value.record, KEYS);
  if (unknown !== undefined) return { invalid: `unknown key ${JSON.stringify(unknown)}` };
  if (version !== 1) return { invalid: 'version is not 1' };
  if (typeof policyFile !== 'string' || typeof overridesFile !== 'string') return { invalid: 'policyFile or overridesFile is no path' };
  if (audit !== 'best-effort' && audit !== 'required') return { invalid: 'audit is neither best-effort nor required' };
  const readListeners = parseListeners(listeners);
  if ('invalid' in readListeners) return readListeners;
  const readTrail = parseTrail(trail);
  if ('invalid' in readTrail) return readTrail;
  const readRoutes = parseRoutes(routes);
  if ('invalid' in readRoutes) return readRoutes;
  if (accountsFile !== undefined && typeof accountsFile !== 'string') return { invalid: 'accountsFile is no path' };
  if (accountsFile === undefined && readRoutes.list.some((one) => one.budget)) return { invalid: 'a budget without accountsFile' };
  const readLimits = parseLimits(limits);
  if ('invalid' in readLimits) return readLimits;
  if (dns !== undefined && !isTextList(dns)) return { invalid: 'dns is not a list of addresses' };
  return {
    version,
    listeners: readListeners.list,
    policyFile,
    overridesFile,
    trail: readTrail,
    audit,
    routes: readRoutes.list,
    limits: readLimits,
    ...(dns === undefined ? {} : { dns }),
    ...(accountsFile === undefined ? {} : { accountsFile }),
  };
}

function parseTrail(value: unknown): GateSettings['trail'] | Invalid {
  if (!isRecord(value)) return { invalid: 'trail is not an object' };
  const { folder, fileBytes = DEFAULT_TRAIL.fileBytes, files = DEFAULT_TRAIL.files, days } = value;
  if (typeof folder !== 'string') return { invalid: 'trail.folder is no path' };
  if (!isCount(fileBytes) || fileBytes < 4096) return { invalid: 'trail.fileBytes is not a number from 4096' };
  if (!isCount(files) || files < 2) return { invalid: 'trail.files is not a number from 2' };
  if (days === undefined) return { folder, fileBytes, files };
  if (!isCount(days) || days > MAX_DAYS) return { invalid: `trail.days is not a number from 1 to ${MAX_DAYS}` };
  return { folder, fileBytes, files, ageMs: days * 86_400_000 };
}

function parseLimits(value: unknown): GateLimits | Invalid {
  if (!isRecord(value)) return { invalid: 'limits is not an object' };
  const limits = new Map<string, number>(Object.entries(DEFAULT_LIMITS));
  for (const [key, limit] of Object.entries(value)) {
    if (!limits.has(key)) return { invalid: `unknown key ${JSON.stringify(`limits.${key}`)}` };
    if (!isCount(limit)) return { invalid: `limits.${key} is not a number from 1` };
    limits.set(key, limit);
  }
  const of = (key: keyof GateLimits): number => limits.get(key) ?? DEFAULT_LIMITS[key];
  return {
    headBytes: of('headBytes'),
    headMs: of('headMs'),
    helloBytes: of('helloBytes'),
    helloMs: of('helloMs'),
    dnsMs: of('dnsMs'),
    connectMs: of('connectMs'),
    idleMs: of('idleMs'),
    totalMs: of('totalMs'),
    perClient: of('perClient'),
    connections: of('connections'),
    routeFirstMs: of('routeFirstMs'),
    routeStallMs: of('routeStallMs'),
    routeBodyBytes: of('routeBodyBytes'),
    perRoute: of('perRoute'),
  };
}

// setTimeout with more than this fires at once.
const MAX_COUNT = 2 ** 31 - 1;
const MAX_DAYS = 3650;

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_COUNT;
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
