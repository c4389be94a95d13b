import { after, before, describe } from 'node:test';
import { labRefused } from '../lab/prerequisites.ts';
import { startLab, type StartedLab } from '../lab/start-lab.ts';
import { oneCluster } from './hosts/one-cluster.ts';
import { twoGateways } from './hosts/two-gateways.ts';

// Two hosts with Docker, one of them like a Synology, reached over ssh from a third place: see docs/lab.md.
const refused = labRefused();

describe('two hosts', { skip: refused ?? false }, () => {
  let lab: StartedLab;

  before(async () => {
    lab = await startLab();
  });
  after(() => lab.stop());

  oneCluster(() => lab);
  twoGateways(() => lab);
});
