const EXAMPLE = 'write for example 10.87.16.0/20, with nothing of your networks or VPNs in it';

/** What is wrong with a host's `subnet`: a private IPv4 network from /16 to /22, written by its first address. */
export function faultOfSubnet(written: string): { readonly cause: string; readonly change: string } | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(written)?.slice(1).map(Number);
  const [a = 256, b = 256, c = 256, d = 256, bits = 0] = parts ?? [];
  if ([a, b, c, d].some((one) => one > 255) || /(^|\.)0\d/.test(written)) {
    return { cause: 'it is not a network such as 10.87.16.0/20', change: EXAMPLE };
  }
  if (bits < 16 || bits > 22) return { cause: 'its size is not from /16 to /22', change: EXAMPLE };
  if (!(a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168))) {
    return { cause: 'it lies outside of 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16', change: EXAMPLE };
  }
  const size = 2 ** (32 - bits);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  if (address % size === 0) return undefined;
  return { cause: 'it begins in the middle of a network of this size', change: `write ${dotted(address - (address % size))}/${bits}` };
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
