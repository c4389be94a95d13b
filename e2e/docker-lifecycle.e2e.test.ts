import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { sha256 } from '../src/core/digest.ts';
import { Problem } from '../src/core/problem.ts';
import { until } from '../src/core/wait.ts';
import type { FileState } from '../src/hosts/host.ts';
import { engineApi } from '../src/runtimes/docker/engine-api.ts';
import { quickSurvey } from '../src/runtimes/docker/quick-survey.ts';
import { engineRefusal, firstCompose } from './docker/prepare.ts';
import { dockerStage } from './docker/stage.ts';
import { withStage, type Staged } from './docker/with-stage.ts';

const refusal = await engineRefusal();

const NAMES = ['gate', 'gateway-main', 'ingress-main', 'node-nas'];

const noFirst = refusal ?? ((await firstCompose()) ? undefined : 'there is no docker-compose 1.29 here; Debian 12 has it');

for (const [compose, skip] of [
  ['v2', refusal],
  ['v1', noFirst],
] as const) {
  // What a deployment goes through, with each of the two Composes.
  suite(`docker: lifecycle with Compose ${compose}`, { skip, timeout: 5 * 60_000 }, () => {
    test('from nothing to nothing', async (t) => {
      await using stage = await withStage({ up: false, compose });
      const { runtime } = stage;

      await t.test('survey: without the image -> nothing is fetched, nothing is known', async () => {
        const target = { ...stage.target, image: `sha256:${'0'.repeat(64)}` };
        const { runtime: without } = dockerStage(stage.on.engine, stage.root, target, stage.services);
        assert.deepEqual(await without.survey(['compose.yaml']), { services: [], files: new Map() });
        await assert.rejects(
          without.logs('gate', 1).then(() => without.start(['gate'])),
          { code: 'docker/no-image' },
        );
      });

      await t.test('observe: before the first start -> nothing', async () => assert.deepEqual(await runtime.observe(), []));

      await t.test('once: before the first start -> its own identity, state and networks', async () => {
        const script =
          "process.stdin.pipe(process.stdout); require('node:fs').writeFileSync('/state/mark', String(process.getuid())); console.log(require('node:os').hostname())";
        const result = await runtime.once('node-nas', ['{node}', '--eval', script], { stdin: 'given\n', timeoutMs: 30_000 });
        assert.deepEqual([result.code, result.stdout, result.stderr], [0, 'nas\ngiven\n', '']);
        assert.equal(await stateText(stage, 'node-nas', 'mark'), String(uidOf(stage, 'node-nas')));
      });

      await t.test('start: in order -> healthy, each from its specification', async () => {
        const steps: string[] = [];
        await runtime.start(
          stage.services.map((one) => one.name),
          (name, { state }) => steps.push(`${name} ${state}`),
        );
        for (const name of NAMES) assert.ok(steps.includes(`${name} healthy`), steps.join());
        const states = await runtime.observe();
        assert.deepEqual(
          states.map((one) => `${one.name} ${one.state}`),
          NAMES.map((name) => `${name} healthy`),
        );
        for (const { name, spec } of states) assert.equal(spec, sha256(contentOf(stage, `services/${name}/spec.json`)));
      });

      await t.test('survey: services and files in one go', async () => {
        const { services, files } = await runtime.survey(stage.artifacts.map((one) => one.path));
        assert.equal(services.length, NAMES.length);
        for (const one of stage.artifacts) {
          const seen = files.get(one.path);
          assert.ok(seen?.kind === (one.kind === 'file' ? 'file' : 'directory'), one.path);
          assert.deepEqual([seen.mode, seen.owner], [one.mode, one.owner], one.path);
          if (seen.kind === 'file' && one.kind === 'file') assert.equal(seen.sha256, sha256(one.content), one.path);
        }
        assert.equal(files.get('services/gateway-main/secrets/gateway_token')?.kind, 'file');
      });

      await t.test(
        'survey: through a conversation with the engine -> the same, also by the container of the last time; it alone stays, ended',
        async () => {
          const { engine } = stage.on;
          const env = engine.env === undefined ? {} : { env: engine.env };
          const api = engineApi(engine.host.pipe([...engine.docker, 'system', 'dial-stdio'], env));
          const paths = stage.artifacts.map((one) => one.path);
          const look = (): Promise<ReadonlyMap<string, FileState>> =>
            quickSurvey(api, { deployment: 'home', root: stage.root, image: stage.target.image, paths });
          const [first, quick] = [await look(), await look()];
          assert.deepEqual(first, quick);
          await api.close();
          const { files } = await runtime.survey(paths);
          for (const [path, { mtimeMs, ...long }] of [...files].map(([path, state]) => [path, { mtimeMs: 0, ...state }] as const)) {
            const { mtimeMs: short, ...seen } = { mtimeMs: 0, ...quick.get(path) };
            assert.deepEqual([path, seen, short], [path, long, Math.floor(mtimeMs)]);
          }
          const ps = ['ps', '--all', '--filter', 'name=-look', '--format', '{{.Names}} {{.State}}'];
          const left = await engine.host.run([...engine.docker, ...ps], { timeoutMs: 10_000, ...env });
          assert.deepEqual([left.code, left.stdout], [0, 'lobsterpot-home-look exited\n']);
        },
      );

      await t.test('connect: the gate answers on its control socket, a gateway on its port', async () => {
        await using control = await runtime.connect('gate', 'control').then(disposable);
        control.write('{"op":"status"}\n');
        assert.match(await firstBytes(control), /"deployment":"home"/);
        await using page = await runtime.connect('gateway-main', 'ingress').then(disposable);
        page.write('GET /through HTTP/1.0\r\n\r\n');
        assert.match(await firstBytes(page), /^HTTP\/1\.1 200/);
      });

      await t.test('once: beside a running service -> finds it where it expects it', async () => {
        const script =
          "fetch('http://127.0.0.1:21789/beside').then((a) => a.text()).then((text) => console.log(require('node:os').hostname(), text))";
        const result = await runtime.once('gateway-main', ['{node}', '--eval', script], { timeoutMs: 30_000 });
        assert.match(result.stdout, /^main \{"path":"\/beside"/);
      });

      await t.test('once: too slow -> ended at the limit, nothing of it stays', async () => {
        const result = await runtime.once('node-nas', ['/bin/sleep', '60'], { timeoutMs: 3000 });
        assert.equal(result.timedOut, true);
        assert.ok(!(await stage.docker(['ps', '--all', '--format', '{{.Names}}'])).includes('once'));
      });

      await t.test('a service that ends -> is started again with the same host name, and told as backing off meanwhile', async () => {
        await runtime.inside('gateway-main', ['{node}', '--eval', "fetch('http://127.0.0.1:21789/crash').catch(() => {})"], {
          timeoutMs: 15_000,
        });
        const back = await until(
          async () => {
            const state = (await runtime.observe()).find((one) => one.name === 'gateway-main');
            return state?.state === 'healthy' && (state.restarts ?? 0) > 0 ? state : undefined;
          },
          { timeoutMs: 30_000, everyMs: 300 },
        );
        assert.ok(back);
        assert.equal((await runtime.inside('gateway-main', ['/bin/cat', '/etc/hostname'], { timeoutMs: 10_000 })).stdout, 'main\n');
        assert.equal((await stateText(stage, 'gateway-main', 'starts')).trim().split('\n').length, 2);
      });

      await t.test('start again -> anew, with what its files say now', async () => {
        const before = await stage.docker(['inspect', '--format', '{{.Id}}', 'lobsterpot-home-node-nas']);
        await runtime.start(['node-nas']);
        assert.notEqual(await stage.docker(['inspect', '--format', '{{.Id}}', 'lobsterpot-home-node-nas']), before);
      });

      await t.test('logs -> the last lines, cleaned', async () => {
        assert.deepEqual(
          (await runtime.logs('node-nas', 1)).map((line) => line.slice(0, 27)),
          ['node host gateway connected'],
        );
      });

      await t.test('stop -> gone, its state stays', async () => {
        await runtime.stop(['node-nas']);
        assert.ok(!(await runtime.observe()).some((one) => one.name === 'node-nas'));
        assert.equal(await stateText(stage, 'node-nas', 'mark'), String(uidOf(stage, 'node-nas')));
        await assert.rejects(runtime.inside('node-nas', ['/bin/true'], { timeoutMs: 10_000 }), { code: 'docker/not-running' });
      });

      await t.test('another subnet -> every network is made anew, and all is well again', async () => {
        const subnet = { first: (10 << 24) + (99 << 16), prefix: 20 };
        const moved = dockerStage(stage.engine, stage.root, { ...stage.target, subnet }, stage.services);
        await moved.write();
        await moved.runtime.start(stage.services.map((one) => one.name));
        assert.ok((await runtime.observe()).every((one) => one.state === 'healthy'));
        const subnets = await stage.docker(['network', 'ls', '--quiet', '--filter', 'label=lobsterpot.deployment=home']);
        const seen = await stage.docker(['network', 'inspect', '--format', '{{(index .IPAM.Config 0).Subnet}}', ...subnets.split('\n')]);
        for (const one of seen.split('\n')) assert.match(one, /^10\.99\./);
      });

      await t.test('shutdown -> no container and no network is left, the files are', async () => {
        await runtime.shutdown();
        assert.equal(await stage.docker(['ps', '--all', '--quiet', '--filter', 'label=lobsterpot.deployment=home']), '');
        assert.equal(await stage.docker(['network', 'ls', '--quiet', '--filter', 'label=lobsterpot.deployment=home']), '');
        assert.equal((await stage.files.stat([join(stage.root, 'compose.yaml')]))[0]?.kind, 'file');
        await runtime.shutdown();
      });
    });
  });
}

suite('docker: what goes wrong', { skip: refusal, timeout: 5 * 60_000 }, () => {
  test('each is told with its cause', async (t) => {
    await using stage = await withStage({ up: false });
    const { runtime, files } = stage;
    const starting = async (name: string): Promise<Problem> => {
      const thrown = await runtime.start([name]).then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.ok(thrown instanceof Problem, String(thrown));
      return thrown;
    };

    await t.test('a state that is not its own -> named', async () => {
      const state = join(stage.root, 'services/gate/state');
      await files.makeFolder(state, { mode: 0o700, owner: { uid: 0, gid: 0 } });
      const problem = await starting('gate');
      assert.equal(problem.code, 'docker/unhealthy');
      assert.match(problem.why, /uid \d+ cannot write its state: EACCES.*\/state/);
      await files.makeFolder(state, { mode: 0o700, owner: { uid: uidOf(stage, 'gate'), gid: uidOf(stage, 'gate') } });
      await runtime.start(['gate']);
    });

    await t.test('a secret of another owner -> the service cannot read it and says so', async () => {
      const secret = join(stage.root, 'services/gateway-main/secrets/gateway_token');
      await files.write(secret, 'x', { mode: 0o400, owner: { uid: 0, gid: 0 } });
      const result = await runtime.once('gateway-main', ['/bin/cat', '/secrets/gateway_token'], { timeoutMs: 30_000 });
      assert.match(result.stderr, /Permission denied/);
    });

    await t.test('no specification -> what to do', async () => {
      await assert.rejects(runtime.start(['node-far']), { code: 'docker/no-spec' });
    });

    await t.test('a link in the place of a file -> refused', async () => {
      await files.makeFolder(join(stage.root, 'services/gate/state/trap'), { mode: 0o777 });
      const made = await runtime.inside(
        'gate',
        ['{node}', '--eval', "require('node:fs').symlinkSync('/deployment/services/gateway-main', '/state/home/out')"],
        { timeoutMs: 15_000 },
      );
      assert.equal(made.code, 0, made.stderr);
      const out = join(stage.root, 'services/gate/state/home/out/secrets/gateway_token');
      await assert.rejects(files.read(out), { code: 'hosts/not-plain' });
      await assert.rejects(files.write(out, 'x', { mode: 0o644 }), { code: 'hosts/not-plain' });
      assert.equal((await files.stat([join(stage.root, 'services/gate/state/home/out')]))[0]?.kind, 'other');
    });

    await t.test('a port that is taken -> named, with what to do', async () => {
      await using _taken = await holdPort(stage, 21_789);
      await runtime.start(['gateway-main']).catch(() => undefined);
      const problem = await starting('ingress-main');
      assert.match(problem.why, /address already in use|port is already allocated/);
      assert.match(problem.fix, /port/);
    });
  });
});

function uidOf(stage: Staged, service: string): number {
  return stage.artifacts.find((one) => one.path === `services/${service}/state`)?.owner.uid ?? -1;
}

function contentOf(stage: Staged, path: string): string {
  const found = stage.artifacts.find((one) => one.path === path);
  return found?.kind === 'file' ? found.content : '';
}

async function stateText(stage: Staged, service: string, file: string): Promise<string> {
  return Buffer.from((await stage.files.read(join(stage.root, 'services', service, 'state', file))) ?? []).toString('utf8');
}

function disposable<T extends NodeJS.ReadableStream & { destroy(): unknown }>(stream: T): T & AsyncDisposable {
  return Object.assign(stream, {
    [Symbol.asyncDispose]: () => {
      stream.destroy();
      return Promise.resolve();
    },
  });
}

function firstBytes(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('nothing within 10 s')), 10_000);
    stream.once('data', (chunk) => {
      clearTimeout(limit);
      resolve(String(chunk));
    });
    stream.once('error', reject);
  });
}

/** Something else on a port of the engine's host. */
async function holdPort(stage: Staged, port: number): Promise<AsyncDisposable> {
  const { startCanary } = await import('./docker/canaries.ts');
  return startCanary(stage.on, 'host', [port]);
}
