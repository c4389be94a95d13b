import { compareVersions } from '../versions.ts';

/** What 2026.9.4 refuses in a configuration and 2026.9.6 knows (both tried; what lies between is not supported). */
const FIRST: Readonly<Record<Newer, string>> = {
  // 2026.9.4 runs agents' code in QuickJS alone.
  'tools.codeMode.executor': '2026.9.6',
  // 2026.9.4 does not update its node hosts by itself.
  'nodeHost.autoUpdate': '2026.9.6',
};

type Newer = 'tools.codeMode.executor' | 'nodeHost.autoUpdate';

/** Does this OpenClaw know the key? Without a version it is the newest. */
export function knows(openclaw: string | undefined, key: Newer): boolean {
  return openclaw === undefined || (compareVersions(openclaw, FIRST[key]) ?? 0) >= 0;
}
