/** Where things lie and listen *inside* a service. Tests put other folders and ports in their place. */
export type InsidePaths = {
  /** Rendered files; OpenClaw cannot write it (measured: it only warns at a reload). */
  readonly config: string;
  readonly secrets: string;
  readonly state: string;
  /** Loopback port the gateway listens on. */
  readonly gatewayPort: number;
  /** Loopback port on which a node sees its gateway. */
  readonly linkPort: number;
  /** Loopback port behind which the gate answers CONNECT. */
  readonly proxyPort: number;
};

/** The layout every runtime gives to its services. */
export const INSIDE: InsidePaths = {
  config: '/config',
  secrets: '/secrets',
  state: '/state',
  gatewayPort: 21789,
  linkPort: 18790,
  proxyPort: 3128,
};

/** Name of the rendered OpenClaw configuration below `config`. */
export const CONFIG_FILE = 'openclaw.json';

/** Name of the extra certificate authorities below `config`. */
export const CA_FILE = 'extra-ca.pem';

/** The secret that holds the gateway's token. */
export const GATEWAY_TOKEN_SECRET = 'gateway_token';
