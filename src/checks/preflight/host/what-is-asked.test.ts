import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDeployment } from '../../../topology/parse-deployment.ts';
import { serviceOf } from '../testing/good-hosts.ts';
import { requestFor, whatIsAsked } from './what-is-asked.ts';

const DEPLOYMENT = parseDeployment(
  `
name: home
hosts:
  mac: { connect: local }
  nas: { connect: ssh://admin@192.168.1.20, dir: /volume1/docker/openclaw, subnet: 10.99.0.0/20 }
  idle: { connect: ssh://me@192.168.1.30 }
gateways:
  main: { host: mac, runtime: docker }
nodes:
  far: { host: nas, runtime: docker, gateway: main, link: { type: ssh-tunnel, user: me, address: 192.168.1.10 }, volumes: [/volume1/photos:ro] }
egress: {}
`,
  { file: 'lobsterpot.yaml', readFile: () => new Uint8Array() },
);
const SERVICES = [
  serviceOf('gateway', { host: 'mac' }),
  serviceOf('node', { host: 'nas', volumes: [{ path: '/volume1/photos', readOnly: true }] }),
];
const asked = (name: string, subnet?: string) => {
  const host = DEPLOYMENT.hosts.find((one) => one.name === name);
  assert.ok(host);
  return whatIsAsked(DEPLOYMENT, host, { services: SERVICES, root: `/root/${name}`, ...(subnet === undefined ? {} : { subnet }) });
};

test('whatIsAsked: the host of a node -> its services, the subnet of the file rather than the recorded one, no link', () => {
  const nas = asked('nas', '10.87.16.0/20');
  assert.deepEqual([nas?.kind, nas?.isLocal, nas?.subnet, nas?.linksHere], ['docker', false, '10.99.0.0/20', []]);
  assert.deepEqual(nas && requestFor(nas), {
    docker: true,
    look: {
      paths: ['~/', '/root/nas', '/volume1/photos'],
      accounts: [],
      image: DEPLOYMENT.image,
      label: { own: 'lobsterpot.deployment=home', name: 'lobsterpot.service' },
    },
  });
});

test('whatIsAsked: the host of a gateway that is dialled -> the link, its account, the recorded subnet', () => {
  const mac = asked('mac', '10.87.16.0/20');
  assert.deepEqual(
    [mac?.isLocal, mac?.subnet, mac?.linksHere.map((one) => [one.node, one.user, one.port])],
    [true, '10.87.16.0/20', [['far', 'me', 22]]],
  );
  assert.deepEqual(mac && requestFor(mac).look?.accounts, ['me']);
});

test('whatIsAsked: a host on which nothing runs -> nothing', () => assert.equal(asked('idle'), undefined));
