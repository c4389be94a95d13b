import { isRecord } from '../core/json.ts';
import { type Invalid, parseJson, unknownKey } from '../policy/policy-file.ts';
import type { SquidClient } from './squid-settings.ts';

/** squid.json: what the keeper is told beside the gate's own settings. */
export type KeeperSettings = {
  readonly version: 1;
  /** The program. */
  readonly squid: string;
  readonly clients: readonly SquidClient[];
  readonly healthPort: number;
  readonly logPort: number;
  readonly hopPort: number;
  /** Where the keeper writes squid.conf and what it names; gone with the container. */
  readonly folder: string;
  readonly dns?: readonly string[];
};

const KEYS = ['version', 'squid', 'clients', 'healthPort', 'logPort', 'hopPort', 'folder', 'dns'];

/** Reads squid.json; the service does not start with an invalid one. */
export function parseKeeperSettings(text: string): KeeperSettings | Invalid {
  const value = parseJson(text);
  if ('invalid' in value) return value;
  const unknown = unknownKey(value.record, KEYS);
  if (unknown !== undefined) return { invalid: `unknown key ${JSON.stringify(unknown)}` };
  const { version, squid, clients, healthPort, logPort, hopPort, folder, dns } = value.record;
  if (version !== 1) return { invalid: 'version is not 1' };
  if (typeof squid !== 'string' || typeof folder !== 'string') return { invalid: 'squid or folder is no path' };
  if (!isPort(healthPort) || !isPort(logPort) || !isPort(hopPort)) return { invalid: 'healthPort, logPort or hopPort is no port' };
  const read = parseClients(clients);
  if ('invalid' in read) return read;
  const ports = [healthPort, logPort, hopPort, ...read.list.map(({ port }) => port)];
  if (new Set(ports).size < ports.length) return { invalid: 'two listeners have one port' };
  if (dns !== undefined && !isAddressList(dns)) return { invalid: 'dns is not a list of addresses' };
  return { version, squid, clients: read.list, healthPort, logPort, hopPort, folder, ...(dns === undefined ? {} : { dns }) };
}

function parseClients(value: unknown): { readonly list: readonly SquidClient[] } | Invalid {
  if (!Array.isArray(value) || value.length === 0) return { invalid: 'clients is not a list' };
  const list: SquidClient[] = [];
  for (const [index, entry] of value.entries()) {
    const one: unknown = entry;
    if (!isRecord(one)) return { invalid: `clients[${index}] is not an object` };
    const { client, port } = one;
    // It becomes a word of squid.conf.
    if (typeof client !== 'string' || !/^[a-z][a-z0-9-]{0,60}$/.test(client)) return { invalid: `clients[${index}].client is no name` };
    if (!isPort(port)) return { invalid: `clients[${index}].port is no port` };
    list.push({ client, port });
  }
  return { list };
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1024 && value <= 65_535;
}

function isAddressList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string' && /^[\da-fA-F.:]+$/.test(one));
}
