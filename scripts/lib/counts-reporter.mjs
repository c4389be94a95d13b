const MOST_OF_A_MESSAGE = 600;

/** A node:test reporter that writes one JSON line at the end: what passed, what failed and how, and why some were skipped. */
export default async function* countsReporter(events) {
  const skips = [];
  const ran = [];
  const failures = [];
  let counts = { passed: 0, failed: 0, skipped: 0, cancelled: 0, todo: 0 };
  for await (const { type, data } of events) {
    // A skipped suite counts too: its tests are not even listed.
    if ((type === 'test:pass' || type === 'test:fail') && data.skip !== undefined) {
      skips.push({ name: data.name, reason: typeof data.skip === 'string' ? data.skip : '' });
    } else if (type === 'test:pass') ran.push(data.name);
    // A suite that failed because of its tests tells nothing that they do not.
    else if (type === 'test:fail' && data.details.error?.failureType !== 'subtestsFailed') failures.push(failureOf(data));
    // The summary without a file is that of the whole run.
    if (type === 'test:summary' && data.file === undefined) counts = data.counts;
  }
  yield JSON.stringify({ ...counts, skips, ran, failures });
}

function failureOf({ name, details }) {
  const { error } = details;
  const cause = error?.cause ?? error;
  return { name, message: String(cause?.message ?? cause ?? 'no reason was given').slice(0, MOST_OF_A_MESSAGE) };
}
