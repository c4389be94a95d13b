/** Addresses and networks as Squid's `dst` reads them; within one list none lies in another, which Squid warns of. */
export type Networks = readonly string[];

/**
 * What no rule and no mode opens. Of IPv6 everything is in it but global unicast and the private networks; also the forms that
 * carry an IPv4 address (`64:ff9b::/96`, `2002::/16`), of which the gate looks at the address inside.
 */
export const NEVER: Networks = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '100.100.100.200',
  '168.63.129.16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  ...below2000(),
  '2001::/32',
  '2002::/16',
  '4000::/2',
  '8000::/2',
  'c000::/3',
  'e000::/4',
  'f000::/5',
  'f800::/6',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  'fe00::/9',
  'fe80::/10',
  'ff00::/8',
];

/** Where an allowed name may not lead. */
export const PRIVATE: Networks = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '2001:2::/48',
  'fc00::/7',
  'fec0::/10',
];

// Squid keeps an IPv4 address as ::ffff:a.b.c.d: a network that holds that range would hold all of IPv4. So `::/3` goes without it.
function below2000(): Networks {
  const mapped = [0, 0, 0, 0, 0, 0xffff];
  const siblings: string[] = [];
  for (let length = 4; length <= 96; length += 1) {
    const at = length - 1;
    const groups = mapped.map((group, index) => {
      if (index * 16 > at) return 0;
      if (Math.floor(at / 16) !== index) return group;
      const bit = 15 - (at % 16);
      return ((group ^ (1 << bit)) >> bit) << bit;
    });
    siblings.push(`${groups.map((one) => one.toString(16)).join(':')}::/${length}`);
  }
  return siblings;
}
