import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EgressPolicy } from '../policy/policy.ts';
import { gateService } from './gate-service.ts';
import { isSquid, squidService } from './squid-service.ts';

const policy: EgressPolicy = {
  version: 1,
  deployment: 'home',
  mode: 'enforce',
  allow: [
    { host: 'api.example.com', port: 443, source: 'test' },
    { host: 'b.example.com', port: 443, client: 'node-elsewhere', source: 'test' },
  ],
  deny: [],
};
const CLIENTS = ['gateway-main', 'node-nas'] as const;
const squid = squidService('mac', policy, CLIENTS, 'bundle', { trailDays: 30 });
const gate = gateService('mac', policy, CLIENTS, 'bundle');

test('squidService: beside the gate -> the same name, place, policy and listeners', () => {
  for (const key of ['name', 'role', 'key', 'host', 'network', 'forwards', 'published', 'after'] as const)
    assert.deepEqual(squid[key], gate[key], key);
  assert.deepEqual(squid.listeners, gate.listeners);
  assert.deepEqual([isSquid(squid), isSquid(gate)], [true, false]);
  const contentOf = (name: string, files: typeof gate.files): string | undefined => files.find((one) => one.name === name)?.content;
  assert.equal(contentOf('policy.json', squid.files), contentOf('policy.json', gate.files));
  assert.match(contentOf('gate.json', squid.files) ?? '', /"days": 30/);
});

test('squidService: its clients -> each a port of its own at Squid, and no secret', () => {
  const text = squid.files.find(({ name }) => name === 'squid.json')?.content ?? '';
  const ports = [...text.matchAll(/"port": (\d+)/g)].map(([, port]) => port);
  assert.deepEqual([new Set(ports).size, ports.length], [2, 2]);
  assert.deepEqual(squid.secrets, []);
});
