import { z } from 'zod';

/** What a deployment keeps on one host, as a plan from nothing tells it; modes as octal text. */
export type Kept = {
  readonly folders: readonly { readonly path: string; readonly mode: string }[];
  readonly files: readonly { readonly path: string; readonly mode: string; readonly bytes: number }[];
  readonly secrets: readonly string[];
  readonly services: readonly string[];
  /** Nodes whose tunnels the host lets in. */
  readonly links: readonly string[];
};

const change = z.union([
  z.looseObject({ kind: z.literal('make-folder'), host: z.string(), path: z.string(), mode: z.number() }),
  z.looseObject({ kind: z.literal('write-file'), host: z.string(), path: z.string(), mode: z.number(), bytes: z.number() }),
  z.looseObject({ kind: z.literal('place-secret'), host: z.string(), path: z.string() }),
  z.looseObject({ kind: z.literal('start-service'), host: z.string(), service: z.string() }),
  z.looseObject({ kind: z.literal('authorise-link'), host: z.string(), node: z.string() }),
]);

const plan = z.looseObject({ changes: z.array(z.unknown()) });

/** Reads what `plan --json` says of hosts that nothing was put on yet; what else it says is left out. Pure. */
export function keptOn(host: string, document: unknown): Kept {
  const here = plan.parse(document).changes.flatMap((one) => {
    const parsed = change.safeParse(one);
    return parsed.success && parsed.data.host === host ? [parsed.data] : [];
  });
  const octal = (mode: number): string => mode.toString(8).padStart(4, '0');
  return {
    folders: here.flatMap((one) => (one.kind === 'make-folder' ? [{ path: one.path, mode: octal(one.mode) }] : [])),
    files: here.flatMap((one) => (one.kind === 'write-file' ? [{ path: one.path, mode: octal(one.mode), bytes: one.bytes }] : [])),
    secrets: here.flatMap((one) => (one.kind === 'place-secret' ? [one.path] : [])),
    services: here.flatMap((one) => (one.kind === 'start-service' ? [one.service] : [])),
    links: here.flatMap((one) => (one.kind === 'authorise-link' ? [one.node] : [])),
  };
}

/** `14 folders, 18 files, 2 secrets, 3 containers`. */
export function keptInWords({ folders, files, secrets, services }: Kept): string {
  return `${folders.length} folders, ${files.length} files, ${secrets.length} secrets, ${services.length} containers`;
}
