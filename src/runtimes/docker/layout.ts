/** Where everything of one deployment lies, relative to its folder. */
export const LAYOUT = {
  compose: 'compose.yaml',
  services: 'services',
  service: (name: string): string => `services/${name}`,
  spec: (name: string): string => `services/${name}/spec.json`,
  config: (name: string): string => `services/${name}/config`,
  secrets: (name: string): string => `services/${name}/secrets`,
  state: (name: string): string => `services/${name}/state`,
  passwd: (name: string): string => `services/${name}/passwd`,
  group: (name: string): string => `services/${name}/group`,
  /** Of a service without a way out. */
  resolver: (name: string): string => `services/${name}/resolv.conf`,
  launcher: 'inside/launcher.mjs',
  answerWatch: 'inside/answer-watch.mjs',
  diskWatch: 'inside/disk-watch.mjs',
  names: 'inside/names.mjs',
  inside: 'inside',
} as const;

/** Where a service sees its things. */
export const INSIDE = {
  config: '/config',
  secrets: '/secrets',
  state: '/state',
  home: '/state/home',
  run: '/run/lobsterpot',
  /** There while it answers: the second since the host's start until which that may be believed. */
  ready: '/run/lobsterpot/ready',
  /** The last word of the watch over its state. */
  disk: '/run/lobsterpot/disk',
  launcher: '/opt/lobsterpot/launcher.mjs',
  answerWatch: '/opt/lobsterpot/answer-watch.mjs',
  diskWatch: '/opt/lobsterpot/disk-watch.mjs',
  names: '/opt/lobsterpot/names.mjs',
  spec: '/opt/lobsterpot/spec.json',
  socket: (listener: string): string => `/run/lobsterpot/${listener}.sock`,
} as const;

/** Labels by which everything of a deployment is found again. */
export const LABELS = {
  deployment: 'lobsterpot.deployment',
  service: 'lobsterpot.service',
  /** The networks that it is to be in, sorted: what it is in can be changed while it runs. */
  networks: 'lobsterpot.networks',
  /** SHA-256 of the spec.json that a container was made from. */
  spec: 'lobsterpot.spec',
  /** Of what is made beside the services: for how many seconds its run needs it at the most. */
  seconds: 'lobsterpot.seconds',
  /** SHA-256 of how a container that looks at the files was asked for. */
  look: 'lobsterpot.look',
} as const;

/** Compose's project name. */
export function projectName(deployment: string): string {
  return `lobsterpot-${deployment}`;
}

/** A service's container; the same whichever Compose made it. */
export function containerName(deployment: string, service: string): string {
  return `lobsterpot-${deployment}-${service}`;
}

/** A network as the engine knows it; a dot is in no service's name. */
export function networkName(deployment: string, key: string): string {
  return `lobsterpot-${deployment}.${key}`;
}
