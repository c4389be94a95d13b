/**
 * A known_hosts file that names one host: its keys (`ssh-ed25519 AAAA...`) at the address and port that are dialled.
 * Without keys it is empty, and ssh refuses every host.
 */
export function knownHosts(address: string, port: number, keys: readonly string[]): string {
  const host = port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`;
  return keys
    .toSorted()
    .map((key) => `${host} ${key}\n`)
    .join('');
}
