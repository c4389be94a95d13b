const REGISTRY = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?`;
const PART = String.raw`[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*`;
const DIGEST = 'sha256:[0-9a-f]{64}';

/** An image as Docker names it: `[registry/]name[:tag][@sha256:...]`, or the `sha256:...` of one that is on the host. */
export const IMAGE = new RegExp(
  String.raw`^(?:${DIGEST}|(?!sha256:)(?:${REGISTRY}/)?${PART}(?:/${PART})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@${DIGEST})?)$`,
);

/** The image of OpenClaw's own makers for a version. */
export function imageOf(version: string): string {
  return `ghcr.io/openclaw/openclaw:${version}`;
}
