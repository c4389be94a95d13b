import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../services/compile.ts';
import { parseDeployment } from '../../topology/parse-deployment.ts';
import { checkSubject, KINDS, restartedFor, type Subject } from './subject.ts';

const TEXT = `
name: two
image: x/openclaw:2026.9.6
hosts: { mac: { connect: local }, nas: { connect: ssh://admin@192.168.222.20 } }
gateways:
  main:
    host: mac
    runtime: docker
    model: { provider: anthropic, id: claude-sonnet-5, apiKey: { secret: key } }
  other:
    host: mac
    runtime: docker
    port: 18790
    model: { provider: anthropic, id: claude-sonnet-5, apiKey: { secret: key } }
nodes:
  far: { host: nas, runtime: docker, gateway: main, link: { type: ssh-tunnel, user: me, address: 192.168.222.10 } }
  near: { host: mac, runtime: docker, gateway: main }
`;

const deployment = parseDeployment(TEXT, { file: 'lobsterpot.yaml', readFile: () => Buffer.alloc(0) });
const services = compile(deployment, { gateBundle: '', presentSecrets: new Set(['key']), deviceIds: new Map() });

for (const [subject, names] of [
  [{ kind: 'gateway-token', name: 'main' }, ['gateway-main']],
  [{ kind: 'link-key', name: 'far' }, ['link-far']],
  [{ kind: 'identity', name: 'near' }, ['node-near']],
  [{ kind: 'secret', name: 'key' }, ['gateway-main', 'gateway-other']],
] as const satisfies readonly (readonly [Subject, readonly string[]])[]) {
  test(`restartedFor: ${subject.kind} ${subject.name} -> ${names.join(', ')} and nothing else`, () => {
    assert.deepEqual(
      restartedFor(subject, services).map((one) => one.name),
      names,
    );
    checkSubject(deployment, subject);
  });
}

for (const kind of KINDS) {
  test(`checkSubject: ${kind} of what the file does not have -> refused, exit 3`, () => {
    assert.throws(() => checkSubject(deployment, { kind, name: 'absent' }), { code: 'rotate/unknown', exit: 3 });
  });
}

test('checkSubject: the tunnel key of a node without a tunnel -> says what can be replaced', () => {
  assert.throws(() => checkSubject(deployment, { kind: 'link-key', name: 'near' }), {
    code: 'rotate/no-link',
    fix: /rotate identity near/,
  });
});

test('checkSubject: a secret that lobsterpot makes -> not by this name', () => {
  assert.throws(() => checkSubject(deployment, { kind: 'secret', name: 'gateway-main-token' }), { code: 'rotate/unknown' });
});
