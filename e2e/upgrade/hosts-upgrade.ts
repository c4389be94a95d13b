import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import type { Lab } from '../../lab/lab.ts';
import { ADDRESS } from '../../lab/net.ts';
import { cutOffOnHosts } from '../converge/cut-off-on-hosts.ts';
import { killedRun } from '../converge/killed-run.ts';
import { asRoot, DOCKER } from '../hosts/on-hosts.ts';
import { hostsStage, statusOf, wellAgain, type HostsStage } from '../hosts/stage.ts';
import { parseJson } from '../support/stage.ts';

const IMAGE = 'lobsterpot-lab/openclaw:2026.9.6';
const OLD_IMAGE = 'lobsterpot-lab/openclaw:2026.9.5';
const BROKEN_IMAGE = 'lobsterpot-lab/openclaw:broken';
const MODULE = '/opt/openclaw/node_modules/openclaw';
const UP_MS = 300_000;
const BACK = ['restore', '--openclaw', '2026.9.5', '--yes'];

const FILE = `
name: step
openclaw: 2026.9.5 # of both
image: ${OLD_IMAGE}
hosts:
  mac-mini: { connect: ssh://me@${ADDRESS.mac}, dir: /Users/me/step }
  nas: { connect: ssh://admin@${ADDRESS.nas}, dir: /volume1/docker/step }
gateways:
  main: { host: mac-mini, runtime: docker }
nodes:
  nas:
    host: nas
    runtime: docker
    gateway: main
    link: { type: ssh-tunnel, user: me, address: ${ADDRESS.mac} }
    exec: { allow: [{ path: /usr/bin/uname, args: ^-n$ }] }
egress:
  ca: lab-ca.pem
`;

// Two more images out of the lab's own: one that says that it is older, one whose program writes into the state and ends. What a real
// older version does to a real newer state is tried in scenario.ts.
const MAKE = `
set -e
docker=$1 image=$2 old=$3 broken=$4 module=$5
work=$(mktemp -d)
id=$($docker create $image)
for name in package.json dist/build-info.json; do
  $docker cp $id:$module/$name $work/edited.json
  sed -i 's/"version": "2026.9.6"/"version": "2026.9.5"/' $work/edited.json
  $docker cp $work/edited.json $id:$module/$name
done
$docker commit $id $old
$docker rm $id
cat > $work/openclaw.mjs <<'END'
import { DatabaseSync } from 'node:sqlite';
const database = new DatabaseSync(process.env.OPENCLAW_STATE_DIR + '/state/openclaw.sqlite');
database.exec('PRAGMA user_version = 9999');
database.close();
console.error('the test has broken this image');
process.exit(1);
END
id=$($docker create $image)
$docker cp $work/openclaw.mjs $id:$module/openclaw.mjs
$docker commit $id $broken
$docker rm $id
rm -r $work
`;

const STATE = '/state/openclaw/state/openclaw.sqlite';
const SCHEMA = `const {DatabaseSync} = require('node:sqlite'); console.log(new DatabaseSync('${STATE}', {readOnly: true}).prepare('PRAGMA user_version').get().user_version)`;
/** What this OpenClaw writes into it. */
const SCHEMA_NOW = '18';
const NOTE = '/state/workspace/note.md';

const pruned = z.object({ removed: z.array(z.object({ kind: z.string(), service: z.string(), name: z.string() })) });
const listed = z.object({ backups: z.array(z.object({ service: z.string(), schema: z.number() })) });

/**
 * A gateway and a node in containers on two hosts: brought up by runs that are cut off; then upgraded: refused, failed and brought back,
 * done.
 */
export function hostsUpgrade(lab: () => Lab): void {
  describe('upgrade on two hosts', () => {
    let stage: HostsStage;
    const onMac = (script: string, ...args: readonly string[]): Promise<string> => asRoot(lab().mac, script, DOCKER.mac, ...args);
    const inGateway = (...command: readonly string[]): Promise<string> =>
      onMac('docker=$1; shift; "$docker" exec lobsterpot-step-gateway-main "$@"', ...command);
    const schema = (): Promise<string> => inGateway('node', '--eval', SCHEMA);
    /** What the gateway is run from, by the name that the test gave it. */
    const imageNow = (): Promise<string> =>
      onMac(
        'id=$("$1" inspect --format "{{.Image}}" lobsterpot-step-gateway-main); shift; docker=$1; shift; for name; do [ "$("$docker" inspect --format "{{.Id}}" "$name")" != "$id" ] || echo "$name"; done',
        DOCKER.mac,
        OLD_IMAGE,
        BROKEN_IMAGE,
        IMAGE,
      );

    before(async () => {
      for (const [place, docker] of [
        [lab().mac, 'docker'],
        [lab().nas, '/usr/local/bin/docker'],
      ] as const) {
        const made = await place.run(['/bin/sh', '-c', MAKE, 'sh', docker, IMAGE, OLD_IMAGE, BROKEN_IMAGE, MODULE], {
          as: 'root',
          timeoutMs: 60_000,
        });
        assert.equal(made.code, 0, made.stderr);
      }
      stage = hostsStage(lab(), 'upgrade', FILE);
    });
    after(async () => void (await stage.cli(['destroy', '--confirm', 'step'], { timeoutMs: 120_000 })));

    cutOffOnHosts(() => stage);

    test('then: the older image runs on both', async () => {
      assert.ok(await wellAgain(stage));
      assert.equal(await imageNow(), OLD_IMAGE);
      await inGateway('/bin/sh', '-c', 'mkdir -p "${2%/*}" && printf %s "$1" >"$2"', 'sh', 'then', NOTE);
    });

    test('upgrade: without an image, or with one that holds another version -> refused, nothing was touched', async () => {
      for (const [args, code] of [
        [[], 'upgrade/image'],
        [['--image', OLD_IMAGE], 'upgrade/image'],
      ] as const) {
        const ended = await stage.cli(['upgrade', '2026.9.6', '--yes', '--json', ...args]);
        assert.equal(ended.code, 3, ended.stderr);
        assert.match(ended.stdout, new RegExp(`"code": "${code}"`));
      }
      assert.deepEqual([stage.text(), (await stage.cli(['plan'])).code], [FILE, 0]);
    });

    test('upgrade: to an image that never gets healthy -> image, states and file of before are back', async () => {
      const { code, stderr } = await stage.cli(['upgrade', '2026.9.6', '--image', BROKEN_IMAGE, '--yes'], { timeoutMs: UP_MS });
      assert.equal(code, 1, stderr);
      assert.match(stderr, /failed; OpenClaw 2026\.9\.5 runs again, with its state from before/);
      assert.match(stderr, /the test has broken this image/);
      assert.equal(stage.text(), FILE);
      assert.ok(await wellAgain(stage));
      // The broken one had written 9999.
      assert.deepEqual([await imageNow(), await schema(), await inGateway('cat', NOTE)], [OLD_IMAGE, SCHEMA_NOW, 'then']);
      assert.equal((await stage.cli(['plan'])).code, 0);
    });

    test('upgrade: to the real one -> both run it, proven', async () => {
      const { code, stderr } = await stage.cli(['upgrade', '2026.9.6', '--image', IMAGE, '--yes'], { timeoutMs: UP_MS });
      assert.equal(code, 0, stderr);
      assert.equal(stage.text(), FILE.replaceAll('2026.9.5', '2026.9.6'));
      assert.deepEqual([await imageNow(), await inGateway('cat', NOTE)], [IMAGE, 'then']);
      const { nodes } = await statusOf(stage);
      assert.deepEqual(
        nodes.map((one) => one.state),
        ['connected'],
      );
      const name = await stage.cli(['exec', 'nas', '--', '/usr/bin/uname', '-n']);
      assert.deepEqual([name.stdout, name.code], ['nas\n', 0], name.stderr);
    });

    test('restore --openclaw: killed once a state is replaced -> up says what ends it; that brings image, states and file of before', async () => {
      await inGateway('/bin/sh', '-c', 'printf %s "$1" >"$2"', 'sh', 'since', NOTE);
      const { operator } = stage.lab;
      const { argv, env } = killedRun([...BACK, '--file', stage.file], { line: '"event":"restore".*"outcome":"done"' });
      const killed = await operator.run(argv, { env: { ...operator.env, ...env }, timeoutMs: UP_MS });
      assert.equal(killed.signal ?? killed.code, 'SIGKILL', killed.stderr);
      const up = await stage.cli(['apply', '--yes']);
      assert.equal(up.code, 3, up.stderr);
      assert.match(up.stderr, /going back to OpenClaw 2026\.9\.5 was cut off .*\n.*\n +fix: +lobsterpot restore --openclaw 2026\.9\.5\n/);
      const { code, stderr } = await stage.cli(BACK, { timeoutMs: UP_MS });
      assert.equal(code, 0, stderr);
      assert.ok(await wellAgain(stage));
      assert.deepEqual([stage.text(), await imageNow(), await inGateway('cat', NOTE)], [FILE, OLD_IMAGE, 'then']);
      const kept = await inGateway('/bin/sh', '-c', 'cat /state/.lobsterpot/aside/*/workspace/note.md');
      assert.match(kept, /since/);
      const name = await stage.cli(['exec', 'nas', '--', '/usr/bin/uname', '-n']);
      assert.deepEqual([name.stdout, name.code], ['nas\n', 0], name.stderr);
      assert.equal((await stage.cli(['plan'])).code, 0);
      // What follows is about the newer one.
      stage.write(FILE.replaceAll('2026.9.5', '2026.9.6'));
      const again = await stage.cli(['apply', '--yes'], { timeoutMs: UP_MS });
      assert.deepEqual([again.code, await imageNow()], [0, IMAGE], again.stderr);
    });

    test('restore: the node, over ssh -> the state of the backup, the same device', async () => {
      const before = (await statusOf(stage)).nodes;
      const { backups } = listed.parse(parseJson((await stage.cli(['backup', 'nas', '--json'], { timeoutMs: UP_MS })).stdout));
      assert.deepEqual(
        backups.map((one) => one.service),
        ['node-nas'],
      );
      const { code, stderr } = await stage.cli(['restore', 'nas', '--yes'], { timeoutMs: UP_MS });
      assert.equal(code, 0, stderr);
      assert.ok(await wellAgain(stage));
      assert.deepEqual((await statusOf(stage)).nodes, before);
    });

    test('prune: an image that nothing runs any more is named, and gone once asked; one that any container was made from stays', async () => {
      const rule = ['prune', '--keep', '100', '--older-than', '30d'];
      // A stranger's, and it does not even run.
      await asRoot(lab().mac, '"$1" create --name step-holds-it "$2"', DOCKER.mac, BROKEN_IMAGE);
      const asked = await stage.cli(rule);
      assert.equal(asked.code, 130, asked.stdout + asked.stderr);
      assert.match(asked.stderr, /image +nas +lobsterpot-lab\/openclaw:broken/);
      const { code, stdout, stderr } = await stage.cli([...rule, '--yes', '--json'], { timeoutMs: UP_MS });
      assert.equal(code, 0, stderr);
      const images = pruned.parse(parseJson(stdout)).removed.filter((one) => one.kind === 'image');
      const told = images.map((one) => `${one.service} ${one.name}`).toSorted();
      assert.deepEqual(told, [`mac-mini ${OLD_IMAGE}`, `nas ${OLD_IMAGE}`, `nas ${BROKEN_IMAGE}`]);
      const left = async (host: 'mac' | 'nas'): Promise<readonly string[]> =>
        (await asRoot(lab()[host], '"$1" image ls --format "{{.Repository}}:{{.Tag}}" | sort', DOCKER[host])).split('\n');
      assert.deepEqual([await left('mac'), await left('nas')], [[IMAGE, BROKEN_IMAGE], [IMAGE]]);
      assert.equal((await stage.cli(['plan'])).code, 0);
    });
  });
}
