import { engineCheck, fine, unseen, wrong, type HostCheck } from './host-check.ts';

const ARCH = new Map([
  ['x86_64', 'amd64'],
  ['amd64', 'amd64'],
  ['aarch64', 'arm64'],
  ['arm64', 'arm64'],
]);

const there = engineCheck(
  {
    id: 'preflight.image',
    title: 'the image is on the host',
    severity: 'medium',
    tries: 'asking the engine for the image of the file; no registry is asked',
    sabotage: 'the image is not there',
  },
  (_engine, { asked: { image }, look }) => {
    if (look.image === undefined)
      return unseen(`the engine did not tell whether it has ${image}`, `look there: docker image inspect ${image}`);
    return look.image === 'absent'
      ? unseen(
          `${image} is not there: up pulls it, and whether it can is not known yet`,
          `try it there: docker pull ${image} ; or bring it there: docker save ${image} | ssh HOST docker load`,
        )
      : fine(`${image} is ${look.image.id.slice(0, 19)}`);
  },
);

const arch = engineCheck(
  {
    id: 'preflight.image-processor',
    title: "the image is for the engine's processor",
    severity: 'high',
    tries: 'comparing system and processor of the image with those of the engine',
    sabotage: 'an image for another processor',
  },
  ({ info }, { asked, look }) => {
    if (look.image === undefined || look.image === 'absent') return undefined;
    const wanted = ARCH.get(info.Architecture);
    if (wanted === undefined) return undefined;
    const { os, arch: own } = look.image;
    return os === 'linux' && own === wanted
      ? fine(`${os}/${own}`)
      : wrong(
          `${asked.image} is for ${os}/${own}, and the engine needs linux/${wanted}`,
          `there: docker pull --platform linux/${wanted} ${asked.image}`,
        );
  },
);

/** The image that services run from. */
export const IMAGE_CHECKS: readonly HostCheck[] = [there, arch];
