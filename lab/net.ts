import { LAB, OWNED_RANGES } from '../e2e/lab/addresses.ts';

/** A machine on the lab's LAN. */
export type Machine = { readonly name: string; readonly address: string };

/** Where the machines of every lab are. */
export const ADDRESS = { mac: LAB.host, nas: '192.168.222.11', operator: '192.168.222.30' } as const;

/**
 * The lines for `ip -batch` in the namespace of the LAN's bridge, of the internet (which is the LAN's router too) and,
 * one after the other, of the places. The internet has no other cable, so no packet can leave the machine.
 */
export function netPlan(
  machines: readonly Machine[],
  file: (name: string) => string,
): {
  readonly lan: readonly string[];
  readonly internet: readonly string[];
  /** Of each machine, in their order. */
  readonly places: readonly { readonly name: string; readonly lines: readonly string[] }[];
} {
  const cable = ({ name }: Machine): readonly string[] => [
    `link add to-${name} type veth peer name eth0 netns ${file(name)}`,
    `link set to-${name} master lan0`,
    `link set to-${name} up`,
  ];
  const place = (address: string): readonly string[] => [
    'link set lo up',
    `address add ${address}/24 dev eth0`,
    'link set eth0 up',
    `route add default via ${LAB.router}`,
  ];
  return {
    lan: ['link add lan0 type bridge', 'link set lan0 up', ...machines.flatMap(cable)],
    internet: [
      'link set lo up',
      `link add lab0 type veth peer name to-internet netns ${file('lan')}`,
      `address add ${LAB.router}/24 dev lab0`,
      `address add ${LAB.lanNeighbour}/32 dev lab0`,
      'link set lab0 up',
      ...OWNED_RANGES.map((range) => `route add local ${range} dev lo`),
      // Unreachable and not blackhole: a program that tries another address is told at once and does not wait.
      'route add unreachable default metric 9999',
    ],
    places: machines.map(({ name, address }) => ({ name, lines: place(address) })),
  };
}

/** The last cable: the internet's end must exist before the bridge takes it. */
export const LAN_UPLINK: readonly string[] = ['link set to-internet master lan0', 'link set to-internet up'];

/** nftables of the internet: remembers every address outside of the lab that somebody tried, before it is refused. */
export const OUTSIDE_RULES = `table ip lab {
  set outside { type ipv4_addr . inet_proto . inet_service; size 65535; flags dynamic; }
  chain seen {
    type filter hook prerouting priority -300;
    iifname != "lab0" accept
    fib daddr type local accept
    fib daddr type { broadcast, multicast } accept
    meta l4proto { tcp, udp } add @outside { ip daddr . meta l4proto . th dport }
    meta l4proto icmp add @outside { ip daddr . meta l4proto . 0 }
  }
}
`;
