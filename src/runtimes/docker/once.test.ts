import assert from 'node:assert/strict';
import { test } from 'node:test';

import { localHost } from '../../hosts/local-host.ts';
import type { DockerEngine } from './engine.ts';
import { leftAmong } from './left-containers.ts';
import { runOnce } from './once.ts';
import { render } from './render.ts';
import { parseSpec } from './spec.ts';
import { PLACE, SERVICES, TARGET } from './testing/services.ts';

const SPEC = render(SERVICES, PLACE, TARGET).find((one) => one.path === 'services/gate/spec.json');
const NOW = 1_800_000_000;

test('runOnce: cut off, so that its container stays -> the next run knows it for left once its time is over, and not before', async () => {
  assert.ok(SPEC?.kind === 'file');
  const asked: (readonly string[])[] = [];
  const host: DockerEngine['host'] = {
    ...localHost('here'),
    run: async (argv) => {
      asked.push(argv);
      return { code: 0, signal: undefined, stdout: '', stderr: '', timedOut: false };
    },
  };
  const engine: DockerEngine = { host, docker: ['docker'], compose: ['docker', 'compose'] };
  await runOnce(engine, parseSpec(SPEC.content, 'gate'), true, ['{node}', '--version'], { timeoutMs: 120_000 });
  const [create = []] = asked;
  const value = (flag: string): readonly string[] => create.flatMap((one) => (one.startsWith(flag) ? [one.slice(flag.length)] : []));
  const Labels = Object.fromEntries(value('--label=').map((one) => one.split('=')));
  const told = (age: number): unknown => [
    { Id: 'a'.repeat(64), Names: value('--name=').map((one) => `/${one}`), Created: NOW - age, Labels },
  ];
  assert.deepEqual(leftAmong(told(3600), PLACE.deployment, NOW), ['a'.repeat(64)]);
  // Made within a minute, two minutes of its own.
  assert.deepEqual(leftAmong(told(180), PLACE.deployment, NOW), []);
});
