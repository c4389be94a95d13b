import { createHash } from 'node:crypto';

/** The image that both engines of a lab have, laid out as the official one is believed to be. */
export const IMAGE = 'lobsterpot-lab/openclaw:2026.9.6';

/** Where the image has the packages of OpenClaw's lock; /app leads to OpenClaw itself. */
export const IMAGE_MODULES = 'opt/openclaw/node_modules';

/** Debian packages of the image. */
export const PACKAGES: readonly string[] = [
  'busybox-static',
  'ca-certificates',
  // As in the official image, and no links to one program: a node's exec policy looks at what a link leads to.
  'coreutils',
  'libatomic1',
  'libc6',
  'libstdc++6',
  'openssh-client',
  'tini',
  'tzdata',
];

export const SUITE = 'bookworm';

// Raised when the way of building changes without one of the inputs below.
const REVISION = 2;

/** The name of the image store that these inputs make: what is in the cache under it never changes. */
export function storeName(inputs: { readonly runtime: string; readonly engine: string; readonly programs: readonly string[] }): string {
  const all = JSON.stringify([REVISION, IMAGE, SUITE, PACKAGES, inputs.runtime, inputs.engine, inputs.programs]);
  return `engine-${createHash('sha256').update(all).digest('hex').slice(0, 16)}`;
}

/** Settings of the image, as `docker import --change` takes them. */
export const IMAGE_SETTINGS: readonly string[] = [
  'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'ENV NODE_ENV=production',
  'ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt',
  'WORKDIR /app',
  'USER node',
  'CMD ["node", "openclaw.mjs", "gateway", "--allow-unconfigured"]',
];

/** /etc/passwd and /etc/group of the image: the official one's user, and root. */
export const IMAGE_FILES: Readonly<Record<string, string>> = {
  'etc/passwd':
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\nnode:x:1000:1000::/home/node:/bin/sh\n',
  'etc/group': 'root:x:0:\nnogroup:x:65534:\nnode:x:1000:\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};
