/** The first kernel on which somebody else than root may be given a port below 1024 (net.ipv4.ip_unprivileged_port_start). */
const GIVES_LOW_PORTS: readonly [number, number] = [4, 11];

/** Does this kernel (`uname -r`) keep port 53 for root, so that no service can have a resolver of its own? An unreadable version counts as new. */
export function keepsLowPorts(kernel: string): boolean {
  const match = /^(\d+)\.(\d+)/.exec(kernel);
  if (!match) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major < GIVES_LOW_PORTS[0] || (major === GIVES_LOW_PORTS[0] && minor < GIVES_LOW_PORTS[1]);
}
