/** Where one client comes in: whoever connects to this port of the loopback *is* that client. */
export type SquidClient = { readonly client: string; readonly port: number };

/** What of squid.conf is not the policy. */
export type SquidSettings = {
  readonly clients: readonly SquidClient[];
  /** Where the health of the whole is asked; nothing that comes in here gets out. */
  readonly healthPort: number;
  /** Where the lines of the access log go. */
  readonly logPort: number;
  /** Resolvers to ask instead of the system's. */
  readonly dns?: readonly string[];
  /** The addresses of the machine or container that Squid runs on, which nothing opens. */
  readonly own: readonly string[];
  /** Where the page lies that a denial is answered with. */
  readonly pages: string;
  /** The second hop, which reads the ClientHello; absent where this Squid was built without OpenSSL. */
  readonly hop?: SquidHop;
};

/** Files and port of the second hop. */
export type SquidHop = {
  readonly port: number;
  /** A certificate with its key, PEM: Squid wants one on such a port and never shows it to anybody. */
  readonly certificateFile: string;
  /** The program that compares two names: see same-name.ts. */
  readonly sameNameFile: string;
};

/** The place that the health is asked with: it is in nobody's rules and exists nowhere (RFC 6761). */
export const HEALTH_TARGET = 'health.invalid:443';
