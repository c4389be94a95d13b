import { compareVersions } from '../versions.ts';

/** What 2026.9.4 and 2026.9.5 refuse in a configuration and 2026.9.6 knows (all tried). */
const FIRST: Readonly<Record<Newer, string>> = {
  // They run agents' code in QuickJS alone.
  'tools.codeMode.executor': '2026.9.6',
  // Their node hosts do not update themselves.
  'nodeHost.autoUpdate': '2026.9.6',
};

type Newer = 'tools.codeMode.executor' | 'nodeHost.autoUpdate';

/** Does this OpenClaw know the key? Without a version it is the newest. */
export function knows(openclaw: string | undefined, key: Newer): boolean {
  return openclaw === undefined || (compareVersions(openclaw, FIRST[key]) ?? 0) >= 0;
}
