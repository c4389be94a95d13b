import { z } from 'zod';

// Only what lobsterpot uses is checked; other fields are dropped. Texts in answers are untrusted.

const DEVICE = z.object({
  deviceId: z.string(),
  publicKey: z.string().optional(),
  displayName: z.string().optional(),
  platform: z.string().optional(),
  role: z.string().optional(),
  roles: z.array(z.string()).optional(),
  requestId: z.string().optional(),
});

const PAIRED_NODE = z.object({
  nodeId: z.string(),
  displayName: z.string().optional(),
  commands: z.array(z.string()).optional(),
  requestId: z.string().optional(),
});

const NODE = z.object({
  nodeId: z.string(),
  displayName: z.string().optional(),
  connected: z.boolean().optional(),
  paired: z.boolean().optional(),
  approvalState: z.string().optional(),
  commands: z.array(z.string()).optional(),
  version: z.string().optional(),
});

/** Answer to `device.pair.list`. */
export const DEVICE_LIST = z.object({ paired: z.array(DEVICE), pending: z.array(DEVICE) });

/** Answer to `node.pair.list`. */
export const PAIRED_NODES = z.object({ paired: z.array(PAIRED_NODE), pending: z.array(PAIRED_NODE) });

/** Answer to `node.list`. */
export const NODE_LIST = z.object({ nodes: z.array(NODE) });

/** Answer to `health`. */
export const HEALTH = z.object({ ok: z.literal(true) });

/** Answer to `config.get`, as far as it is read: its content may be private. */
export const CONFIG_STATE = z.object({
  valid: z.boolean(),
  issues: z.array(z.object({ path: z.string().optional(), message: z.string() })).optional(),
});

/** Answer to `device.pair.setupCode`; `joinUrl` and `setupCode` are bearer credentials. */
export const SETUP = z.object({ setupId: z.string(), joinUrl: z.string(), expiresAtMs: z.number() });

/** Answer to `device.pair.setupStatus`: which device used the code. */
export const SETUP_STATUS = z.object({
  completion: z.object({ deviceId: z.string() }).optional(),
  deliveryUncertain: z.object({ deviceId: z.string() }).optional(),
});

/** Answer to `exec.approvals.node.get`: the policy document as the node itself keeps it. */
export const NODE_EXEC_POLICY = z.object({ exists: z.boolean(), file: z.unknown() });

export type ConfigState = z.output<typeof CONFIG_STATE>;
export type Device = z.output<typeof DEVICE>;
export type PairedNode = z.output<typeof PAIRED_NODE>;
export type NodeInfo = z.output<typeof NODE>;
export type Setup = z.output<typeof SETUP>;
export type SetupStatus = z.output<typeof SETUP_STATUS>;
