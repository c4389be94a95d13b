import { join } from 'node:path';

import { generateLinkKey } from '../link/link-key.ts';
import type { Change } from './change.ts';
import { siteOf, type Engine } from './engine.ts';
import { enrol, setExecPolicy } from './enrolment.ts';
import { forgetDevice, forgetNode, leaveHost, withdraw } from './farewell.ts';
import { authorise } from './links.ts';
import { place } from './placing.ts';
import { generateToken } from './secret-store.ts';

/** Does one change, whole: a service that is started is healthy afterwards. */
export async function execute(engine: Engine, change: Change, say: (text: string) => void): Promise<void> {
  const site = await siteOf(engine, change);
  switch (change.kind) {
    case 'install-runtime':
    case 'pull-image':
      return site.base.bring(say);
    case 'make-folder':
    case 'write-file':
    case 'place-secret':
    case 'withdraw-secret':
      return place(site, engine.store, change);
    case 'generate-secret':
      return engine.store.write(change.secret, change.form === 'link-key' ? generateLinkKey().privateKey : generateToken());
    case 'authorise-link':
      return authorise(engine, change.node);
    case 'withdraw-link':
      return withdraw(engine, change);
    case 'forget-node':
      return forgetNode(engine, change.node);
    case 'forget-device':
      return forgetDevice(engine, change);
    case 'leave-host':
      return leaveHost(engine, site);
    case 'stop-service':
      await site.runtime.stop([change.service]);
      // Without its specification it is no part of the deployment any more; its state stays.
      return site.host.remove(join(site.root, 'services', change.service, 'spec.json'));
    case 'start-service':
      return site.runtime.start([change.service], (_name, state) => say(state.state));
    case 'enrol-node':
      return enrol(engine, change.node, say);
    case 'set-exec-policy':
      return setExecPolicy(engine, change.node);
  }
}
