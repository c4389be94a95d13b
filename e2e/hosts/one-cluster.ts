import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { ADDRESS } from '../../lab/net.ts';
import type { Lab } from '../../lab/lab.ts';
import { until } from '../../src/core/wait.ts';
import { hostsRotation } from '../rotation/hosts-rotation.ts';
import { agentTurnArgs } from '../support/agent-turn-argv.ts';
import { parseJson } from '../support/stage.ts';
import { egressOnHosts } from './egress-on-hosts.ts';
import { goingBack } from './going-back.ts';
import { failingHosts } from './failing-hosts.ts';
import { hanging } from './hanging.ts';
import { smallVolume } from './host-troubles.ts';
import { lostState } from './lost-state.ts';
import { movedHost } from './moved-host.ts';
import { recovery } from './recovery.ts';
import { roundTrips } from './round-trips.ts';
import { hostsStage, statusOf, type HostsStage } from './stage.ts';
import { wrongClock } from './wrong-clock.ts';

const FRIEND = 555_001;
const UP_MS = 300_000;

const FILE = `
name: casa
image: lobsterpot-lab/openclaw:2026.9.6
hosts:
  mac-mini: { connect: ssh://me@${ADDRESS.mac}, dir: /Users/me/openclaw }
  nas: { connect: ssh://admin@${ADDRESS.nas}, dir: /volume1/docker/openclaw }
gateways:
  main:
    host: mac-mini
    runtime: docker
    model: { provider: anthropic, id: claude-sonnet-5, apiKey: { secret: anthropic_api_key } }
    channels: { telegram: { botToken: { secret: telegram_bot_token }, allowFrom: ["${FRIEND}"] } }
nodes:
  nas:
    host: nas
    runtime: docker
    gateway: main
    link: { type: ssh-tunnel, user: me, address: ${ADDRESS.mac} }
    volumes: [/volume1/photos:ro]
    exec: { allow: [{ path: /usr/bin/uname, args: ^-n$ }, { path: /usr/bin/ls, args: ^/volume1/photos$ }] }
egress:
  ca: lab-ca.pem
`;

const SECOND_NODE = `  attic:
    { host: mac-mini, runtime: docker, gateway: main, exec: { allow: [{ path: /usr/bin/uname, args: ^-n$ }] } }
`;

const planned = z.object({ changes: z.array(z.object({ kind: z.string(), host: z.string() })) });
const answer = z.object({ status: z.string(), result: z.object({ payloads: z.array(z.object({ text: z.string().optional() })) }) });

/** A gateway on one host, its node on the other, joined by the tunnel that the node's host dials. */
export function oneCluster(lab: () => Lab): void {
  describe('one cluster', () => {
    let stage: HostsStage;

    before(async () => {
      stage = hostsStage(lab(), 'one-cluster', FILE);
      await smallVolume(lab());
    });
    after(async () => void (await stage.cli(['destroy', '--confirm', 'casa'], { timeoutMs: 120_000 })));

    test('plan: nothing is there -> what would be done on each host, exit 2, and nothing is done', async () => {
      const { code, stdout, stderr } = await stage.cli(['plan', '--json']);
      assert.equal(code, 2, stderr);
      const { changes } = planned.parse(parseJson(stdout));
      assert.deepEqual([...new Set(changes.map((one) => one.host))].toSorted(), ['mac-mini', 'nas']);
      assert.equal((await lab().mac.run(['docker', 'ps', '--all', '--quiet'])).stdout, '');
    });

    test('up: two hosts -> healthy, joined, proven', async () => {
      await stage.cli(['secrets', 'set', 'anthropic_api_key'], { stdin: stage.modelKey });
      await stage.cli(['secrets', 'set', 'telegram_bot_token'], { stdin: stage.telegramToken });
      const { code, stdout, stderr } = await stage.cli(['up', '--yes'], { timeoutMs: UP_MS });
      assert.equal(code, 0, `${stdout}\n${stderr}`);
    });

    test('status: every service healthy, the node connected, nobody else', async () => {
      const { services, nodes, strangers, code } = await statusOf(stage);
      assert.deepEqual([...new Set(services.map((one) => one.state))], ['healthy']);
      assert.deepEqual(services.map((one) => `${one.host} ${one.name}`).toSorted(), [
        'mac-mini gate',
        'mac-mini gateway-main',
        'mac-mini ingress-main',
        'nas gate',
        'nas link-nas',
        'nas node-nas',
      ]);
      assert.deepEqual([nodes.map((one) => `${one.name} ${one.state}`), strangers, code], [['nas connected'], [], 0]);
    });

    test('plan and up again: nothing to do', async () => {
      const plan = await stage.cli(['plan']);
      assert.equal(plan.code, 0, plan.stdout);
      const up = await stage.cli(['up', '--yes']);
      assert.match(up.stderr, /nothing to do/);
    });

    roundTrips(() => stage);

    test('exec: what the list holds runs on the node, on the other host', async () => {
      const name = await stage.cli(['exec', 'nas', '--', '/usr/bin/uname', '-n']);
      assert.deepEqual([name.stdout, name.code], ['nas\n', 0], name.stderr);
      const list = await stage.cli(['exec', 'nas', '--', '/usr/bin/ls', '/volume1/photos']);
      assert.deepEqual([list.stdout, list.code], ['holiday.jpg\n', 0], list.stderr);
    });

    test('exec: what it does not hold is refused', async () => {
      for (const command of [['/usr/bin/id'], ['/usr/bin/uname', '-a'], ['/bin/sh', '-c', 'id'], ['/usr/bin/ls', '/volume1']]) {
        const { code, stdout, stderr } = await stage.cli(['exec', 'nas', '--', ...command]);
        assert.notEqual(code, 0, command.join(' '));
        assert.equal(stdout, '');
        assert.match(stderr, /refused|not sent/, command.join(' '));
      }
    });

    test('agent: asked to run a command -> it runs on the NAS, the model is reached through the gate of the Mac', async () => {
      const code = "return await exec({ command: '/usr/bin/uname -n' });";
      await lab().internet.setRules([
        { when: 'run uname', reply: { kind: 'tool', tool: 'exec', input: { code } } },
        { when: 'knock knock', reply: { kind: 'text', text: 'who is there, friend' } },
      ]);
      const exec = ['docker', 'exec', '-i', 'lobsterpot-casa-gateway-main', 'node', '/app/openclaw.mjs', ...agentTurnArgs('run uname')];
      const ended = await lab().mac.run(exec, { timeoutMs: 90_000 });
      assert.equal(ended.code, 0, ended.stderr);
      const { result } = answer.parse(parseJson(ended.stdout));
      assert.match(result.payloads.map((one) => one.text ?? '').join('\n'), /the tool said: .*"nas/s);
      const log = await stage.cli(['egress', 'log', '--host', 'api.anthropic.com']);
      assert.match(log.stdout, /gateway-main +allow +api\.anthropic\.com/);
    });

    test('channel: a message from the listed account -> an agent turn, and its answer', async () => {
      const before = (await lab().internet.sentByBot()).length;
      await lab().internet.writeToBot({ from: FRIEND, text: 'knock knock' });
      const reply = await until(async () => (await lab().internet.sentByBot())[before], { timeoutMs: 60_000, everyMs: 200 });
      assert.deepEqual(reply, { to: String(FRIEND), text: 'who is there, friend' });
    });

    test('egress: a host is denied, allowed for a time, and denied again, on the gate of its client alone', async () => {
      const test = async (): Promise<number | undefined> => (await stage.cli(['egress', 'test', 'friendly.test', '--client', 'nas'])).code;
      assert.equal(await test(), 1);
      const allowed = await stage.cli(['egress', 'allow', 'friendly.test', '--client', 'nas', '--for', '10m']);
      assert.equal(allowed.code, 0, allowed.stderr);
      assert.equal(await test(), 0);
      assert.equal((await stage.cli(['egress', 'test', 'friendly.test', '--client', 'main'])).code, 1);
      assert.equal((await stage.cli(['egress', 'forget', 'friendly.test', '--client', 'nas'])).code, 0);
      assert.equal(await test(), 1);
    });

    egressOnHosts(() => stage);

    hanging(() => stage);

    test('trail: whole on both hosts', async () => {
      const { code, stdout } = await stage.cli(['egress', 'log', '--verify']);
      assert.equal(code, 0, stdout);
      assert.match(stdout, /mac-mini: whole[^]*nas: whole/);
    });

    test('verify: green', async () => {
      const { code, stdout, stderr } = await stage.cli(['verify'], { timeoutMs: 120_000 });
      assert.equal(code, 0, `${stdout}\n${stderr}`);
    });

    failingHosts(() => stage);
    recovery(() => stage);
    movedHost(() => stage);
    wrongClock(() => stage);
    lostState(() => stage);

    goingBack(() => stage);
    hostsRotation(() => stage);

    test('a second node: three lines and another up', async () => {
      stage.write(FILE.replace('egress:\n', `${SECOND_NODE}egress:\n`));
      const up = await stage.cli(['up', '--yes', '--accept', 'exposure'], { timeoutMs: UP_MS });
      assert.equal(up.code, 0, `${up.stdout}\n${up.stderr}`);
      const { stdout, stderr } = await stage.cli(['exec', 'attic', '--', '/usr/bin/uname', '-n']);
      assert.equal(stdout, 'attic\n', stderr);
      assert.equal((await stage.cli(['exec', 'nas', '--', '/usr/bin/uname', '-n'])).stdout, 'nas\n');
    });

    test('secrets: nowhere but in their files', async () => {
      const values = [stage.modelKey, stage.telegramToken];
      const told = [
        ...stage.said.map((one) => one.text),
        (
          await lab().mac.run(
            ['/bin/sh', '-c', 'docker inspect $(docker ps --all --quiet); cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null'],
            { as: 'root' },
          )
        ).stdout,
        readFileSync(join(lab().mac.root, 'Users/me/openclaw/casa/compose.yaml'), 'utf8'),
      ];
      for (const value of values) assert.ok(told.every((text) => !text.includes(value)));
    });

    test('a network that somebody added to a container: plan says so, up puts it right', async () => {
      const docker = (...argv: readonly string[]) => lab().nas.run(['/usr/local/bin/docker', ...argv], { as: 'root' });
      await docker('network', 'create', 'strange');
      assert.equal((await docker('network', 'connect', 'strange', 'lobsterpot-casa-node-nas')).code, 0);
      const plan = await stage.cli(['plan']);
      assert.match(plan.stdout, /node-nas +restart \(somebody put it into the network strange\)/);
      const up = await stage.cli(['up', '--yes'], { timeoutMs: UP_MS });
      assert.equal(up.code, 0, `${up.stdout}\n${up.stderr}`);
      assert.equal((await docker('network', 'rm', 'strange')).code, 0);
    });

    test('a host that does not answer: status tells of the other, and why this one could not be looked at', async () => {
      stage.write(stage.text().replace(`admin@${ADDRESS.nas}`, 'admin@192.168.222.99'));
      const { code, stdout } = await stage.cli(['status'], { timeoutMs: 60_000 });
      assert.equal(code, 4, stdout);
      assert.match(stdout, /gateway-main +healthy[^]*node-nas +unchecked[^]*nas could not be looked at: /);
    });

    test('a node that is taken out of the file: nothing of it runs, its key and its pairing are gone', async () => {
      const nodes = FILE.slice(FILE.indexOf('nodes:\n'), FILE.indexOf('egress:\n'));
      stage.write(FILE.replace(nodes, `nodes:\n${SECOND_NODE}`));
      const up = await stage.cli(['up', '--yes'], { timeoutMs: UP_MS });
      assert.equal(up.code, 0, `${up.stdout}\n${up.stderr}`);
      const left = await lab().nas.run(['/usr/local/bin/docker', 'ps', '--all', '--quiet'], { as: 'root' });
      assert.equal(left.stdout, '');
      assert.doesNotMatch(readFileSync(join(lab().mac.root, 'Users/me/.ssh/authorized_keys'), 'utf8'), /lobsterpot:/);
      const { nodes: known, strangers, code } = await statusOf(stage);
      assert.deepEqual([known.map((one) => one.name), strangers, code], [['attic'], [], 0]);
      assert.equal((await stage.cli(['plan'])).code, 0);
    });

    test('destroy: nothing of it is left on either host', async () => {
      const { code, stderr } = await stage.cli(['destroy', '--confirm', 'casa'], { timeoutMs: 120_000 });
      assert.equal(code, 0, stderr);
      for (const [place, docker] of [
        [lab().mac, 'docker'],
        [lab().nas, '/usr/local/bin/docker'],
      ] as const) {
        const left = await place.run(
          ['/bin/sh', '-c', `${docker} ps --all --quiet; ${docker} network ls --quiet --filter label=lobsterpot.deployment`],
          { as: 'root' },
        );
        assert.equal(left.stdout, '', place.name);
      }
      const keys = readFileSync(join(lab().mac.root, 'Users/me/.ssh/authorized_keys'), 'utf8');
      assert.doesNotMatch(keys, /lobsterpot:/);
    });
  });
}
