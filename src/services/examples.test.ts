import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { gatewaySecrets } from '../topology/channels.ts';
import { loadDeployment } from '../topology/load.ts';
import { compile } from './compile.ts';
import type { Service } from './service.ts';

const asIs = { serializers: [(value: string) => value] };

function servicesOf(example: string): readonly Service[] {
  const deployment = loadDeployment(new URL(`../../examples/${example}/lobsterpot.yaml`, import.meta.url).pathname);
  assert.deepEqual(deployment.warnings, []);
  return compile(deployment, {
    // The program itself is not shown.
    gateBundle: '',
    presentSecrets: new Set(deployment.gateways.flatMap(gatewaySecrets)),
    deviceIds: new Map(deployment.nodes.map(({ name }) => [name, '0'.repeat(64)])),
    linkHostKeys: new Map([['mac-mini', ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIexample']]]),
  });
}

suite('compile: the examples', () => {
  for (const example of ['one-cluster', 'two-gateways']) {
    test(`${example} -> golden`, (t) => {
      const shown = servicesOf(example).map((one) => `# ${one.host}: ${one.name}\n${text(one)}`);
      t.assert.fileSnapshot(shown.join('\n'), new URL(`golden/${example}.golden`, import.meta.url).pathname, asIs);
    });
  }

  test('two-gateways -> neither host holds anything of the other gateway', () => {
    const services = servicesOf('two-gateways');
    for (const [host, other] of [
      ['mac-mini', /family|openai|open-meteo|234567/],
      ['nas', /gateway-work|work_|anthropic|brave/],
    ] as const) {
      assert.doesNotMatch(JSON.stringify(services.filter((one) => one.host === host)), other, host);
    }
  });
});

/** A service as people read it: its files as they are, the rest as JSON. */
function text({ files, ...rest }: Service): string {
  return [JSON.stringify(rest, null, 2), ...files.map(({ name, content }) => `## /config/${name}\n${content}`)].join('\n');
}
