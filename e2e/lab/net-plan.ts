import { LAB, OWNED_RANGES, OWNED_RANGE_6 } from './addresses.ts';

/**
 * The lines for `ip -batch` in the internet's and in the host's namespace.
 * A veth pair is the host's only link; the internet has no other link at all, so no packet can leave the machine.
 */
export function netPlan(input: { readonly hostNamespaceFile: string; readonly ipv6: boolean }): {
  readonly internet: readonly string[];
  readonly host: readonly string[];
} {
  const internet = [
    'link set lo up',
    `link add lab0 type veth peer name eth0 netns ${input.hostNamespaceFile}`,
    `address add ${LAB.router}/24 dev lab0`,
    `address add ${LAB.lanNeighbour}/32 dev lab0`,
    'link set lab0 up',
    ...OWNED_RANGES.map((range) => `route add local ${range} dev lo`),
  ];
  const host = [
    'link set lo up',
    `address add ${LAB.host}/24 dev eth0`,
    'link set eth0 up',
    ...OWNED_RANGES.map((range) => `route add ${range} via ${LAB.router}`),
    // Unreachable and not blackhole: a program that tries another address is told at once and does not wait.
    'route add unreachable default metric 9999',
  ];
  if (!input.ipv6) return { internet, host };
  return {
    internet: [...internet, `address add ${LAB.router6}/64 dev lab0 nodad`, `route add local ${OWNED_RANGE_6} dev lo`],
    host: [
      ...host,
      `address add ${LAB.host6}/64 dev eth0 nodad`,
      `route add ${OWNED_RANGE_6} via ${LAB.router6}`,
      'route add unreachable ::/0 metric 9999',
    ],
  };
}
