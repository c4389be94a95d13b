/**
 * The addresses of the lab's small internet. All are documentation, test or well-known ranges that the lab's
 * internet namespace owns as a whole, so that a contact with any of them is seen and none leaves the machine.
 */
export const LAB = {
  host: '192.168.222.10',
  host6: 'fd00:222::10',
  router: '192.168.222.1',
  router6: 'fd00:222::1',
  lanNeighbour: '192.168.222.20',
  resolver: '198.51.100.53',
  model: '198.51.100.10',
  modelSibling: '198.51.100.11',
  friendly: '198.51.100.12',
  otherModels: '198.51.100.15',
  telegram: '198.51.100.20',
  peer: '198.51.100.30',
  hostile: '198.51.100.66',
  hostile6: '2001:db8::66',
  metadata: '169.254.169.254',
} as const;

/** Ranges that the internet namespace answers for, every address of them. */
export const OWNED_RANGES = [
  '198.51.100.0/24',
  '192.0.2.0/24',
  '203.0.113.0/24',
  '1.1.1.1/32',
  '8.8.8.8/32',
  '169.254.169.254/32',
  '100.100.100.200/32',
] as const;

/** The IPv6 documentation range, owned likewise where the machine has IPv6. */
export const OWNED_RANGE_6 = '2001:db8::/32';

/** TCP ports on which some stand-in listens at every owned address (53 only at those below: the resolver has its own). */
export const TCP_PORTS = [22, 80, 139, 443, 445, 2375, 5000, 8443] as const;

/** UDP ports that note what arrives, at the addresses below one by one (a datagram does not tell its destination). */
export const UDP_PORTS = [53, 123, 443] as const;

export const UDP_ADDRESSES = [LAB.hostile, LAB.friendly, LAB.model, LAB.metadata, LAB.lanNeighbour, '1.1.1.1', '8.8.8.8'] as const;

export type Role = 'model' | 'other-models' | 'telegram' | 'peer' | 'hostile' | 'metadata' | 'lan' | 'resolver' | 'public';

/** Which stand-in an address of the lab belongs to. */
export function roleOf(address: string): Role {
  const plain = address.replace(/^::ffff:/, '');
  switch (plain) {
    case LAB.model:
      return 'model';
    case LAB.otherModels:
      return 'other-models';
    case LAB.telegram:
      return 'telegram';
    case LAB.peer:
      return 'peer';
    case LAB.hostile:
    case LAB.hostile6:
      return 'hostile';
    case LAB.metadata:
    case '100.100.100.200':
      return 'metadata';
    case LAB.lanNeighbour:
    case LAB.router:
      return 'lan';
    case LAB.resolver:
      return 'resolver';
    default:
      return 'public';
  }
}
