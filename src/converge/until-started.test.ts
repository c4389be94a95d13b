import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Planned } from './engine.ts';
import { anyStarting } from './until-started.ts';

type State = Planned['seen']['sites'] extends ReadonlyMap<string, { readonly services: readonly (infer S)[] }> ? S : never;

for (const [what, states, expected] of [
  ['nothing runs', [], false],
  ['all are well, or ended for good', ['healthy', 'stopped', 'backing-off', 'unhealthy'], false],
  ['one is on its way up', ['healthy', 'starting'], true],
] as const) {
  test(`anyStarting: ${what} -> ${expected}`, () => {
    const services = states.map((state, index): State => ({ name: `service-${index}`, state }));
    const sites = new Map([['here', { base: true, files: new Map(), services }]]);
    const seen = {
      sites,
      secrets: new Map(),
      nodes: new Map(),
      strangers: [],
      links: new Map(),
      left: { nodes: [], devices: new Set<string>(), accounts: [] },
    };
    assert.equal(anyStarting({ seen }), expected);
  });
}
