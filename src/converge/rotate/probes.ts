import { sha256 } from '../../core/digest.ts';
import type { Finding } from '../../core/finding.ts';
import type { Redacted } from '../../core/redacted.ts';
import { tryOldKey } from '../../link/try-old-key.ts';
import { tryToken } from '../../openclaw/try-token.ts';
import { currentServices, siteOf, type Engine } from '../engine.ts';
import { openDoor } from '../gateway-door.ts';
import { judgeReaders, judgeRefusal, type Asked, type Reader } from './judge.ts';
import { commandOf, describeSubject, restartedFor, subjectService, type Subject } from './subject.ts';

/** What the findings about a credential have in common. */
export function askedOf(subject: Subject, checkId: string = `rotate.${subject.kind}`): Asked {
  return { checkId, subject: subjectService(subject), what: describeSubject(subject), again: commandOf(subject) };
}

/** Connects to the gateway with the old token and with the new one. */
export async function probeToken(engine: Engine, subject: Subject, old: Redacted): Promise<readonly Finding[]> {
  await using door = await openDoor(engine, subject.name);
  const control = await tryToken(door.address);
  return [judgeRefusal(askedOf(subject), await tryToken({ ...door.address, token: old }), control)];
}

/** Opens the tunnel from inside the link's own service with the old key and with the new one. */
export async function probeLinkKey(engine: Engine, subject: Subject, old: Redacted): Promise<readonly Finding[]> {
  const name = subjectService(subject);
  const link = (await currentServices(engine)).find((one) => one.name === name);
  if (!link) throw new TypeError(`no service ${name}`);
  const { runtime } = await siteOf(engine, link);
  const trial = await tryOldKey((argv, options) => runtime.inside(name, argv, options), link.command, old);
  return [judgeRefusal(askedOf(subject), trial.old, trial.control)];
}

/** Looks at the file of every service that reads the secret, and at when it was started. Whoever gave it out may still take the old one. */
export async function probeSecret(engine: Engine, subject: Subject, old: Redacted): Promise<readonly Finding[]> {
  const value = await engine.store.read(subject.name);
  if (!value) throw new TypeError(`secret ${subject.name} has no value`);
  const readers = restartedFor(subject, await currentServices(engine)).map(async ({ name, host, secrets }): Promise<Reader> => {
    const file = secrets.find((one) => one.name === subject.name)?.file ?? '';
    const path = `services/${name}/secrets/${file}`;
    const { services, files } = await (await siteOf(engine, { host })).runtime.survey([path]);
    return { service: name, file: files.get(path) ?? { kind: 'absent' }, state: services.find((one) => one.name === name) };
  });
  const digests = { old: sha256(old.reveal()), new: sha256(value.reveal()) };
  return [judgeReaders(askedOf(subject), digests, await Promise.all(readers))];
}
