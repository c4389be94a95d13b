import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { ADDRESS } from '../lab/net.ts';
import { labRefused } from '../lab/prerequisites.ts';
import { startLab, type StartedLab } from '../lab/start-lab.ts';
import { hostsStage, type HostsStage } from './hosts/stage.ts';
import { problemsOf } from './support/problem-text.ts';
import { parseJson } from './support/stage.ts';

// The doctor, and up before it begins, against a Mac-like and a Synology-like host: see docs/lab.md.

const HOSTS = { mac: `ssh://me@${ADDRESS.mac}`, nas: `ssh://admin@${ADDRESS.nas}` };

type Wish = {
  readonly gatewayOn?: 'mac' | 'nas';
  readonly gateway?: string;
  readonly volume?: string;
  readonly link?: string;
  readonly nas?: string;
  readonly subnet?: string;
};

function fileFor(wish: Wish): string {
  const on = wish.gatewayOn ?? 'mac';
  const link =
    wish.link ??
    (on === 'mac'
      ? `{ type: ssh-tunnel, user: me, address: ${ADDRESS.mac} }`
      : `{ type: ssh-tunnel, user: admin, address: ${ADDRESS.nas} }`);
  return `
name: home
image: lobsterpot-lab/openclaw:2026.9.6
hosts:
  mac: { connect: ${HOSTS.mac}, dir: /Users/me/openclaw }
  nas: { connect: ${wish.nas ?? HOSTS.nas}, dir: /volume1/docker/openclaw${wish.subnet === undefined ? '' : `, subnet: ${wish.subnet}`} }
gateways:
  main: { host: ${on}, runtime: docker${wish.gateway ?? ''} }
nodes:
  far: { host: ${on === 'mac' ? 'nas' : 'mac'}, runtime: docker, gateway: main, link: ${link}, volumes: [${wish.volume ?? '/volume1/photos:ro'}] }
egress: {}
`;
}

const finding = z.object({
  checkId: z.string(),
  status: z.string(),
  severity: z.string(),
  message: z.string(),
  fix: z.string().optional(),
});
const report = z.object({
  upMayBegin: z.boolean(),
  ms: z.number(),
  hosts: z.array(z.object({ host: z.string(), findings: z.array(finding) })),
});
type Report = z.infer<typeof report>;

describe('doctor', { skip: labRefused() ?? false, timeout: 120_000 }, () => {
  let lab: StartedLab;
  let made = 0;
  before(async () => {
    lab = await startLab();
  });
  after(() => lab.stop());

  const stageFor = (wish: Wish): HostsStage => hostsStage(lab, `doctor-${(made += 1)}`, fileFor(wish));

  async function examined(stage: HostsStage, code: number, args: readonly string[] = []): Promise<Report> {
    const ended = await stage.cli(['doctor', ...args, '--json']);
    assert.equal(ended.code, code, ended.stdout + ended.stderr);
    return report.parse(parseJson(ended.stdout));
  }

  const found = (from: Report, host: string, id: string): z.infer<typeof finding> | undefined =>
    from.hosts.find((one) => one.host === host)?.findings.find((one) => one.checkId === `preflight.${id}`);
  const failed = (from: Report): readonly string[] =>
    from.hosts
      .flatMap(({ host, findings }) =>
        findings.filter((one) => one.status === 'fail').map((one) => `${host} ${one.checkId.slice('preflight.'.length)}`),
      )
      .toSorted();

  test('both hosts as they should be -> exit 0 within 5 s, with what the NAS cannot enforce', async () => {
    const all = await examined(stageFor({}), 0);
    assert.ok(all.upMayBegin && all.ms < 5000, `${all.ms} ms`);
    assert.deepEqual(failed(all), []);
    for (const host of ['mac', 'nas']) {
      const findings = all.hosts.find((one) => one.host === host)?.findings ?? [];
      assert.ok(findings.length >= 45, `${host}: ${findings.length}`);
      assert.deepEqual(
        findings.filter((one) => one.status === 'unknown'),
        [],
      );
    }
    for (const [host, id, status, says] of [
      ['nas', 'dsm', 'pass', /^DSM 7\.2\.2-72806$/],
      ['nas', 'kernel', 'pass', /^4\.4\.302\+$/],
      ['nas', 'docker-rights', 'pass', /by sudo without a password/],
      ['nas', 'dsm-volume', 'pass', /^\/volume1/],
      ['mac', 'docker-rights', 'pass', /^me may$/],
      ['mac', 'link-forwarding', 'pass', /yes/],
      ['mac', 'link-rights', 'pass', /me may/],
    ] as const) {
      const one = found(all, host, id);
      assert.equal(one?.status, status, `${host} ${id}`);
      assert.match(one.message, says);
    }
    for (const id of lab.odd.noCpuNoPids ? ['limit-processes', 'limit-cpu'] : []) {
      assert.equal(found(all, 'nas', id)?.status, 'not-enforced', id);
      assert.equal(found(all, 'mac', id)?.status, 'pass', id);
    }
  });

  test('the gateway on the NAS -> its sshd carries no tunnel, its kernel has no openat2', async () => {
    const all = await examined(stageFor({ gatewayOn: 'nas', volume: '/srv/photos:ro' }), 1);
    assert.ok(failed(all).includes('nas link-forwarding'), failed(all).join());
    assert.match(found(all, 'nas', 'link-forwarding')?.fix ?? '', /other host/);
    assert.match(found(all, 'nas', 'openat2')?.message ?? '', /OPENCLAW_FS_SAFE_NATIVE_MODE=off/);
  });

  test('folder, port, address, subnet and account that are not -> each is found, and up does not begin', async () => {
    const stage = stageFor({
      gateway: ', port: 5900',
      volume: '/volume1/gone',
      subnet: '192.168.208.0/20',
      link: '{ type: ssh-tunnel, user: nobody-here, address: 192.168.222.99, port: 2222 }',
    });
    const all = await examined(stage, 1);
    assert.deepEqual(failed(all), ['mac link-account', 'mac link-address', 'mac link-port', 'mac ports', 'nas subnet', 'nas volumes']);
    assert.equal(all.upMayBegin, false);
    assert.match(found(all, 'nas', 'volumes')?.message ?? '', /^\/volume1\/gone \(of node-far\) is not there$/);
    assert.match(found(all, 'nas', 'volumes')?.fix ?? '', /Shared Folder/);
    assert.match(found(all, 'nas', 'subnet')?.message ?? '', /overlaps with 192\.168\.222\.0\/24/);
    for (const one of all.hosts.flatMap((host) => host.findings)) assert.equal(one.status === 'pass', one.fix === undefined, one.checkId);
  });

  test('up with a folder that is not there -> exit 1 before anything is made on either host', async () => {
    const stage = stageFor({ volume: '/volume1/gone' });
    const problems = problemsOf({ ...(await stage.cli(['up', '--yes', '--json'])), ms: 0 }, 1);
    assert.deepEqual(
      problems.map((one) => one.code),
      ['preflight/volumes'],
    );
    assert.match(`${problems[0]?.what}`, /^host nas: \/volume1\/gone/);
    assert.ok(!existsSync(join(lab.nas.root, 'volume1/docker/openclaw')) && !existsSync(join(lab.mac.root, 'Users/me/openclaw')));
  });

  test('one host by its name, in words -> that one alone; a name that is none -> exit 3', async () => {
    const stage = stageFor({});
    const told = await stage.cli(['doctor', 'nas', '--all']);
    assert.equal(told.code, 0, told.stderr);
    assert.match(told.stdout, /^nas\n/);
    assert.match(told.stdout, / {2}pass {2}preflight\.docker-rights +admin may, by sudo without a password\n/);
    assert.match(told.stdout, /\n\nup may begin +\d/);
    assert.doesNotMatch(told.stdout, /^mac$/m);
    const [problem] = problemsOf({ ...(await stage.cli(['doctor', 'attic', '--json'])), ms: 0 }, 3);
    assert.deepEqual([problem?.code, problem?.cause], ['cli/no-host', 'the file has mac, nas']);
  });

  test('a host that does not answer -> exit 4, and the other one is examined all the same', async () => {
    const all = await examined(stageFor({ nas: `${HOSTS.nas}:2200` }), 4);
    assert.deepEqual(failed(all), ['nas reachable']);
    assert.ok((all.hosts.find((one) => one.host === 'mac')?.findings.length ?? 0) >= 45);
    assert.match(found(all, 'nas', 'reachable')?.message ?? '', /refused/i);
  });
});
