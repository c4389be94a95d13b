/** One line of progress, on stderr: stdout belongs to what is run. */
export function say(text) {
  process.stderr.write(`lobsterpot: ${text}\n`);
}

/** Ends the script the way every lobsterpot error is told: what, cause, fix. */
export function fail(what, cause, fix) {
  process.stderr.write(`lobsterpot: error: ${what}\n  cause: ${cause}\n  fix:   ${fix}\n`);
  process.exit(1);
}

/** `0.3 s`, `14 s`. */
export function seconds(sinceMs) {
  const s = (performance.now() - sinceMs) / 1000;
  return s < 9.95 ? `${s.toFixed(1)} s` : `${Math.round(s)} s`;
}
