import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import type { Ledger } from './contact.ts';
import { modelRule } from './model-script.ts';
import type { ModelServer } from './model-server.ts';
import type { Zone } from './zone.ts';

const zoneBody = z.object({
  name: z.string(),
  answer: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('same'), addresses: z.array(z.string()), ttl: z.number().optional() }),
    z.object({ kind: z.literal('turns'), turns: z.array(z.array(z.string())) }),
  ]),
});

/** The lab's own switchboard for tests, on a Unix socket: the ledger, the model's script, the zone. */
export async function startAdmin(
  path: string,
  parts: {
    readonly ledger: Ledger;
    readonly model: ModelServer;
    readonly zone: Zone;
    /** Requests of a bigger lab, by method and path. */
    readonly more?: Readonly<Record<string, (body: unknown) => Promise<unknown>>>;
  },
): Promise<void> {
  const server = createServer((request, response) => {
    const act = async (): Promise<unknown> => {
      const url = new URL(request.url ?? '/', 'http://lab');
      switch (`${request.method} ${url.pathname}`) {
        case 'GET /ledger':
          return {
            entries: parts.ledger.since(Number(url.searchParams.get('since') ?? '0')),
            packets: receivedPackets(),
            pings: receivedPings(),
          };
        case 'POST /rules':
          return parts.model.setRules(z.array(modelRule).parse(await json(request)));
        case 'POST /zone': {
          const { name, answer } = zoneBody.parse(await json(request));
          return parts.zone.set(name, answer);
        }
        default: {
          const extra = parts.more?.[`${request.method} ${url.pathname}`];
          if (!extra) throw new Error('no such request');
          return extra(request.method === 'POST' ? await json(request) : undefined);
        }
      }
    };
    act().then(
      (value) => response.end(JSON.stringify(value ?? {})),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });
  server.listen(path);
  await once(server, 'listening');
  // The command may be of another identity; the folder around it is closed to everybody else.
  chmodSync(path, 0o666);
}

/** Packets that came over the only cable: also what no listener notices is counted. */
function receivedPackets(): number {
  const line = readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .find((one) => one.trim().startsWith('lab0:'));
  return Number(line?.trim().split(/\s+/)[2] ?? '0');
}

function receivedPings(): number {
  const lines = readFileSync('/proc/net/snmp', 'utf8')
    .split('\n')
    .filter((one) => one.startsWith('Icmp:'));
  const at = (lines[0] ?? '').split(' ').indexOf('InEchos');
  return Number((lines[1] ?? '').split(' ')[at] ?? '0');
}
