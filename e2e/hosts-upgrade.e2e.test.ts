import { after, before, describe } from 'node:test';
import { labRefused } from '../lab/prerequisites.ts';
import { startLab, type StartedLab } from '../lab/start-lab.ts';
import { hostsUpgrade } from './upgrade/hosts-upgrade.ts';

// A lab of its own: beside two-hosts.e2e.test.ts on another lane, the two take no longer than one.
const refused = labRefused();

describe('upgrade and cut-off runs on two hosts', { skip: refused ?? false }, () => {
  let lab: StartedLab;

  before(async () => {
    lab = await startLab();
  });
  after(() => lab.stop());

  hostsUpgrade(() => lab);
});
