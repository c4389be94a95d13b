import * as z from 'zod/mini';

import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import { ASK_MS, callDocker, dockerProblem, mustDocker, type DockerEngine } from './engine.ts';
import { IMAGE_NODE, IMAGE_SQUID, IMAGE_SSH } from './image-paths.ts';

/** An image as it is pinned, and what was found in it by starting it once without any right. */
export type ResolvedImage = {
  /** `name@sha256:...`, or the image's id where it came without a registry. */
  readonly image: string;
  readonly node: string;
  /** Absent: no OpenClaw in it. */
  readonly openclaw?: string;
  readonly ssh: boolean;
  readonly squid: boolean;
  /** Its containers have IPv6, which can be switched off. */
  readonly ipv6: boolean;
  readonly arch: string;
};

const PULL_MS = 9 * 60_000;
const PROBE_MS = 60_000;

const inspected = z.object({
  Id: z.string(),
  RepoDigests: z.optional(z.nullable(z.array(z.string()))),
  Architecture: z.string(),
  Os: z.string(),
});
const variables = z.object({ Config: z.object({ Env: z.optional(z.nullable(z.array(z.string()))) }) });
const probed = z.object({ node: z.string(), openclaw: z.nullable(z.string()), ssh: z.boolean(), squid: z.boolean(), ipv6: z.boolean() });

const PROBE = `
const fs = require('node:fs');
const version = (path) => { try { return String(JSON.parse(fs.readFileSync(path, 'utf8')).version); } catch { return null; } };
console.log(JSON.stringify({ node: process.versions.node, openclaw: version('/app/package.json'),
  ssh: fs.existsSync('${IMAGE_SSH}'), squid: fs.existsSync('${IMAGE_SQUID}'), ipv6: fs.existsSync('/proc/sys/net/ipv6/conf/all/disable_ipv6') }));
`;

/** Finds an image on the host, pulls it where it is absent, and pins it. `arch` is the engine's own, as `docker info` names it. */
export async function resolveImage(engine: DockerEngine, ref: string, arch: string): Promise<ResolvedImage> {
  const found = (await inspect(engine, ref)) ?? (await pulled(engine, ref));
  const wanted = imageArch(arch);
  if (found.Os !== 'linux' || (wanted !== undefined && found.Architecture !== wanted)) {
    throw new Problem(
      'docker/image-arch',
      `the image ${ref} is for ${found.Os}/${found.Architecture}, host ${engine.host.name} needs linux/${wanted}`,
      {
        cause: 'it was pulled or built for another machine',
        fix: `there: docker pull --platform linux/${wanted} ${ref} , then run: lobsterpot up`,
      },
    );
  }
  const image = pinnedForm(ref, found.Id, found.RepoDigests ?? []);
  const { openclaw, ...rest } = await probe(engine, ref, found.Id);
  return { image, arch: found.Architecture, ...rest, ...(openclaw === null ? {} : { openclaw }) };
}

/** Is there such an image on the host? Asks no registry. */
export async function hasImage(engine: DockerEngine, ref: string): Promise<boolean> {
  return (await inspect(engine, ref)) !== undefined;
}

/** What the image itself sets of its containers' environment (`NAME=value`); undefined: that cannot be had quickly. */
export async function imageVariables(engine: DockerEngine, ref: string): Promise<readonly string[] | undefined> {
  const told = variables.safeParse(await quickly(engine, ref).catch(() => undefined));
  return told.success ? (told.data.Config.Env ?? []) : undefined;
}

/** The form of an image that can mean no other one: its own digest reference, one of its registry's, or its id. Pure. */
export function pinnedForm(ref: string, id: string, digests: readonly string[]): string {
  if (/@sha256:[0-9a-f]{64}$/.test(ref)) return ref;
  const name = ref.replace(/:[^/:]*$/, '');
  return digests.toSorted().find((one) => one.startsWith(`${name}@sha256:`)) ?? id;
}

function imageArch(engine: string): string | undefined {
  return new Map([
    ['x86_64', 'amd64'],
    ['amd64', 'amd64'],
    ['aarch64', 'arm64'],
    ['arm64', 'arm64'],
  ]).get(engine);
}

/** The engine's own answer; undefined: it has no such image. Rejects where it cannot be asked without docker. */
async function quickly({ quick }: DockerEngine, ref: string): Promise<unknown> {
  if (quick?.api.isOpen() !== true) throw new Error('there is no conversation with the engine');
  const { status, body } = await quick.api.ask('GET', `/images/${encodeURI(ref)}/json`);
  if (status === 404) return undefined;
  if (status !== 200) throw new Error(`the engine answered ${status}`);
  return JSON.parse(body.toString('utf8'));
}

async function inspect(engine: DockerEngine, ref: string): Promise<z.infer<typeof inspected> | undefined> {
  const told = await quickly(engine, ref).then(
    (value) => ({ value }),
    () => undefined,
  );
  if (told) return told.value === undefined ? undefined : inspected.parse(told.value);
  const result = await callDocker(engine, ['image', 'inspect', '--format', '{{json .}}', ref], { timeoutMs: ASK_MS });
  if (result.code !== 0 && /no such image/i.test(result.stderr)) return undefined;
  if (result.code !== 0) throw dockerProblem(engine, `look at the image ${ref}`, result);
  return inspected.parse(JSON.parse(result.stdout));
}

async function pulled(engine: DockerEngine, ref: string): Promise<z.infer<typeof inspected>> {
  const result = await callDocker(engine, ['pull', '--quiet', ref], { timeoutMs: PULL_MS });
  const found = result.code === 0 ? await inspect(engine, ref) : undefined;
  if (found) return found;
  throw new Problem('docker/image-pull', `host ${engine.host.name} has no image ${ref} and cannot pull it`, {
    cause: result.timedOut ? 'it did not end in time' : plainText(result.stderr.trim(), 500),
    fix: `look at it there: docker pull ${ref} ; or bring it there: docker save ${ref} | ssh HOST docker load , then run: lobsterpot up`,
  });
}

/** Its own entry point is never run. */
async function probe(engine: DockerEngine, ref: string, id: string): Promise<z.infer<typeof probed>> {
  const args = [
    'run',
    '--rm',
    '--network=none',
    '--read-only',
    '--user=65534:65534',
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    '--log-driver=none',
    `--entrypoint=${IMAGE_NODE}`,
    id,
    '--eval',
    PROBE,
  ];
  const said = await mustDocker(engine, args, `start the image ${ref}`, { timeoutMs: PROBE_MS });
  const found = probed.safeParse(parsed(said));
  if (found.success) return found.data;
  throw new Problem('docker/image-probe', `the image ${ref} is not what lobsterpot runs`, {
    cause: `its ${IMAGE_NODE} gave no usable answer: ${plainText(said, 200)}`,
    fix: "set image in lobsterpot.yaml to OpenClaw's own or one made like it, then run: lobsterpot up",
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
