import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostsPage } from './hosts-page.ts';
import { summary } from './measure.ts';

const page = hostsPage({
  figures: [
    { what: 'up', hosts: 2, measured: summary([1500, 1400, 1900]), busy: 0.456, work: 1368, load: 0.73 },
    { what: 'play', hosts: 2, measured: summary([18_000]), busy: 0.9, work: 32_400, load: 2 },
  ],
  rest: [{ hosts: 2, busy: 0.051, memory: 3.14 }],
  kept: ['3 folders'],
  notMeasured: ['8 hosts, for they did not come up'],
  machine: ['- Measured on a machine.'],
});

for (const line of [
  '| `up` of two hosts with nothing to do: below 2 s | 1.50 s | met |',
  '| `up` of two hosts with nothing to do: 10 times faster than the play | 12.0 times | met |',
  '| `status` of two hosts: below 1 s | not measured | - |',
  '| `up`, nothing to do | 2 | 1.50 | 1.40 | 1.90 | 3 | 46 % | 1.37 | 0.7 |',
  '| Ansible play, nothing to do | 2 | 18.0 | 18.0 | 18.0 | 1 | 90 % | 32.4 | 2.0 |',
  '| 2 | 5 % | 3.1 GiB |',
  "- On the gateway's host: 3 folders.",
  '- Not measured: 8 hosts, for they did not come up.',
]) {
  test(`hostsPage: three rounds of up and one play -> ${line}`, () => assert.ok(page.split('\n').includes(line), page));
}
