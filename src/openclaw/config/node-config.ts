import { stableJson } from '../../core/json.ts';
import { knows } from './knows.ts';

/** openclaw.json of a node host: it runs allow-listed commands and nothing else. Byte-stable; `openclaw` is the version that reads it. */
export function nodeConfig(openclaw?: string): string {
  return stableJson({
    update: { checkOnStart: false, auto: { enabled: false } },
    telemetry: { enabled: false },
    discovery: { mdns: { mode: 'off' } },
    browser: { enabled: false },
    plugins: { enabled: false },
    models: { catalogRefresh: { enabled: false } },
    nodeHost: {
      ...(knows(openclaw, 'nodeHost.autoUpdate') ? { autoUpdate: { enabled: false } } : {}),
      browserProxy: { enabled: false },
      skills: { enabled: false },
      workerRuns: { enabled: false },
      agentRuns: { claude: { enabled: false } },
    },
    // OpenClaw's default safe bins (`head`, `tr`, ...) would run without being on the allow-list.
    tools: { exec: { mode: 'allowlist', safeBins: [] } },
  });
}
