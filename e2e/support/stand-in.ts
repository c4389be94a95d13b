import type { Service } from '../../src/services/service.ts';

/** A gateway's stand-in. */
export const GATEWAY = "require('node:http').createServer((_, answer) => answer.end('ok')).listen(21789, '127.0.0.1')";
const NODE = "console.log('ready'); setInterval(() => undefined, 1000)";

/** The service with a small program in the place of OpenClaw, if it runs that: it is ready in half a second. */
export function standIn(service: Service): Service {
  switch (service.role) {
    case 'gate':
    case 'ingress':
    case 'link':
      return service;
    case 'gateway':
      return { ...service, command: ['{node}', '-e', GATEWAY], health: { kind: 'http', path: '/', timeoutMs: 15_000 } };
    case 'node':
      return { ...service, command: ['{node}', '-e', NODE], health: { kind: 'ready-line', text: 'ready', timeoutMs: 15_000 } };
  }
}
