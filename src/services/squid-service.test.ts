import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EgressPolicy } from '../policy/policy.ts';
import { gateService } from './gate-service.ts';
import { squidService } from './squid-service.ts';

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
  assert.deepEqual(
    squid.listeners.map(({ name }) => name),
    gate.listeners.map(({ name }) => name),
  );
  const contentOf = (name: string, files: typeof gate.files): string | undefined => files.find((one) => one.name === name)?.content;
  assert.equal(contentOf('policy.json', squid.files), contentOf('policy.json', gate.files));
  assert.match(contentOf('gate.json', squid.files) ?? '', /"days": 30/);
});

test('squidService: its clients -> each a loopback port of its own, and no secret', () => {
  const ports = squid.listeners.flatMap(({ toPort }) => (toPort === undefined ? [] : [toPort]));
  assert.deepEqual([new Set(ports).size, ports.length], [2, 2]);
  for (const port of ports)
    assert.match(squid.files.find(({ name }) => name === 'squid.json')?.content ?? '', new RegExp(`"port": ${port}`));
  assert.deepEqual(squid.secrets, []);
});
