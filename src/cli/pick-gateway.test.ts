import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, GatewayEntry } from '../topology/deployment.ts';
import { pickGateway } from './pick-gateway.ts';

const gateway = (name: string): GatewayEntry => ({
  name,
  host: 'here',
  runtime: 'process',
  containment: 'full',
  diskMiB: 20_480,
  port: 18_789,
  bind: '127.0.0.1',
  credentials: 'route',
});
const withGateways = (...names: readonly string[]): Pick<Deployment, 'gateways'> => ({ gateways: names.map(gateway) });

for (const { has, asked, gives } of [
  { has: ['main'], asked: undefined, gives: 'main' },
  { has: ['main'], asked: 'main', gives: 'main' },
  { has: ['main', 'other'], asked: 'other', gives: 'other' },
]) {
  test(`pickGateway: ${asked ?? 'none'} of ${has.join(', ')} -> ${gives}`, () => {
    assert.equal(pickGateway(withGateways(...has), asked, 'lobsterpot ui').name, gives);
  });
}

for (const { has, asked, what, why, fix } of [
  { has: ['main', 'other'], asked: undefined, what: /which gateway/, why: 'it has: main, other', fix: 'lobsterpot ui main' },
  { has: ['main'], asked: 'mian', what: /no gateway "mian"/, why: 'it has: main', fix: 'lobsterpot ui main' },
  { has: [], asked: undefined, what: /which gateway/, why: 'it has none', fix: 'lobsterpot ui NAME' },
]) {
  test(`pickGateway: ${asked ?? 'none'} of ${has.join(', ') || 'none'} -> a problem, exit 3`, () => {
    assert.throws(() => pickGateway(withGateways(...has), asked, 'lobsterpot ui'), { message: what, why, fix, exit: 3 });
  });
}
