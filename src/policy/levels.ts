/** How much may leave beside what the file's own rules say; the first is the default. */
export const LEVELS = ['locked', 'balanced', 'open'] as const;

export type Level = (typeof LEVELS)[number];

/** When the list below was last looked through. */
export const LEVELS_DATE = '2026-11-22';

// Encyclopedias, the weather, and the manuals of languages: read by everybody, nothing can be published there without an account.
// No host that serves what anyone uploads, no package registry, no search engine: each of them carries a message out.
const BALANCED = [
  'en.wikipedia.org',
  'www.wikidata.org',
  'en.wiktionary.org',
  'api.open-meteo.com',
  'geocoding-api.open-meteo.com',
  'developer.mozilla.org',
  'docs.python.org',
  'nodejs.org',
] as const;

/** The hosts that a level opens by name, for every client, on port 443. */
export function levelHosts(level: Level): readonly string[] {
  return level === 'balanced' ? BALANCED : [];
}

/** `open` refuses only what no policy opens and what the file denies by name, and writes the rest down, as report mode does. */
export function levelMode(level: Level, mode: 'enforce' | 'report'): 'enforce' | 'report' {
  return level === 'open' ? 'report' : mode;
}
