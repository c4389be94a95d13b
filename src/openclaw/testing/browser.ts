import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { GatewayClient } from '@openclaw/gateway-client';

// What the Control UI asks for; a link is good for exactly these.
const SCOPES = ['admin', 'approvals', 'pairing', 'questions', 'read', 'talk.secrets', 'write'].map((one) => `operator.${one}`);

/** Connects as the Control UI in a new browser profile would: gives `in`, or why it was refused. */
export async function asBrowser(
  port: number,
  input: { readonly token?: string; readonly bootstrapToken?: string; readonly origin?: string },
): Promise<string> {
  const keys = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const end = Promise.withResolvers<string>();
  const client = new GatewayClient({
    url: `ws://127.0.0.1:${port}`,
    origin: input.origin ?? `http://127.0.0.1:${port}`,
    role: 'operator',
    mode: 'webchat',
    clientName: 'openclaw-control-ui',
    clientBuildId: await buildIdOf(port),
    scopes: SCOPES,
    minProtocol: 4,
    maxProtocol: 4,
    deviceIdentity: {
      deviceId: createHash('sha256')
        .update(Buffer.from(rawKey(keys.publicKey), 'base64url'))
        .digest('hex'),
      publicKeyPem: keys.publicKey,
      privateKeyPem: keys.privateKey,
    },
    hostDeps: {
      signDevicePayload: (key, payload) => sign(null, Buffer.from(payload), key).toString('base64url'),
      publicKeyRawBase64UrlFromPem: rawKey,
    },
    ...(input.token === undefined ? {} : { token: input.token }),
    ...(input.bootstrapToken === undefined ? {} : { bootstrapToken: input.bootstrapToken, preferBootstrapToken: true }),
    onHelloOk: () => end.resolve('in'),
    onConnectError: (error) => end.resolve(`refused: ${error.message}`),
  });
  client.start();
  const limit = setTimeout(() => end.resolve('refused: no answer'), 10_000);
  try {
    return await end.promise;
  } finally {
    clearTimeout(limit);
    await client.stopAndWait({ timeoutMs: 2000 });
  }
}

/** The page tells which build it is, followed by the digest of its content; the gateway takes no other build. */
async function buildIdOf(port: number): Promise<string> {
  const page = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(10_000) });
  return /data-openclaw-control-ui-build-id="([^"]+)-[0-9a-f]{64}"/.exec(await page.text())?.[1] ?? '';
}

function rawKey(pem: string): string {
  return createPublicKey(pem).export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64url');
}
