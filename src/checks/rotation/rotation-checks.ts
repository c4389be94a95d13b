import type { CheckInfo } from '../catalogue/check-info.ts';

const check = <const T extends Omit<CheckInfo, 'from'>>(info: T): T & { readonly from: 'rotation' } => ({ ...info, from: 'rotation' });

/** What is tried when a credential was replaced; `rotate` makes them itself, because only then both the old one and the new one are at hand. */
export const ROTATION_CHECKS = [
  check({
    id: 'rotate.gateway-token',
    title: 'the old token of a gateway is refused',
    severity: 'critical',
    tries: 'connecting to the gateway with the old token, and with the new one as the control',
    sabotage: 'the old token is still taken',
  }),
  check({
    id: 'rotate.link-key',
    title: 'the old key of a tunnel is refused',
    severity: 'critical',
    tries: "ssh from inside the link's own service with the old key, and with the new one as the control",
    sabotage: 'the old key of a tunnel is still let in',
  }),
  check({
    id: 'rotate.identity',
    title: 'the old key pair and token of a node are refused',
    severity: 'critical',
    tries: 'connecting from the node as what was set aside; the control is that the new device is connected with its own commands',
    sabotage: 'the old device of a node is still paired',
  }),
  check({
    id: 'rotate.identity-forgotten',
    title: 'the gateway lists the old device of a node nowhere',
    severity: 'high',
    tries: "reading the gateway's devices, nodes and requests",
    sabotage: 'the old device of a node waits to be let in',
  }),
  check({
    id: 'rotate.secret',
    title: 'whatever reads a secret has its new value alone, and was started with it',
    severity: 'high',
    tries: 'comparing the file of each reader with the value, and when it was written with when the reader was started',
    sabotage: 'a reader of a secret runs with the old value',
  }),
] as const;
