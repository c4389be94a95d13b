/** A node:test reporter that writes one JSON line at the end: how many passed, failed and were skipped, and why. */
export default async function* countsReporter(events) {
  const skips = [];
  let counts = { passed: 0, failed: 0, skipped: 0, cancelled: 0, todo: 0 };
  for await (const { type, data } of events) {
    // A skipped suite counts too: its tests are not even listed.
    if ((type === 'test:pass' || type === 'test:fail') && data.skip !== undefined) {
      skips.push({ name: data.name, reason: typeof data.skip === 'string' ? data.skip : '' });
    }
    // The summary without a file is that of the whole run.
    if (type === 'test:summary' && data.file === undefined) counts = data.counts;
  }
  yield JSON.stringify({ ...counts, skips });
}
