import { INSIDE } from '../../openclaw/inside-paths.ts';
import type { Attempt } from './attempt.ts';
import type { Control, Results } from './probe.ts';
import { connectHead } from './request-heads.ts';
import { gatePort } from './subject.ts';
import type { Subject } from './subject.ts';

/** The positive controls of one run: things that must work, by the same code paths that the negative probes use. */
export function controlAttempts(subject: Subject): Readonly<Record<string, Attempt>> {
  const port = gatePort(subject);
  return {
    loopback: { kind: 'own-loopback' },
    config: { kind: 'read', path: INSIDE.config },
    state: { kind: 'write', path: INSIDE.state },
    program: { kind: 'run', argv: ['/bin/true'] },
    ...(port === undefined ? {} : { gate: { kind: 'gate', port, head: connectHead(`control-${subject.canary}.invalid:443`) } }),
  };
}

/** Why this control is not positive, so that nothing that depends on it means anything; undefined: it is. */
export function controlFault(control: Control, results: Results): string | undefined {
  const worked = (name: string): boolean => results.get(name)?.outcome === 'succeeded';
  switch (control) {
    case 'none':
      return undefined;
    case 'network':
      return worked('loopback') ? undefined : "the service's own loopback could not be reached either";
    case 'gate':
      return results.get('gate')?.status === undefined ? 'the gate did not answer' : undefined;
    case 'files':
      return worked('config') && worked('state') ? undefined : "the service's own files could not be read and written either";
    case 'programs':
      return worked('program') ? undefined : 'not even /bin/true could be started';
  }
}
