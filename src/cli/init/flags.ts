import { EXIT } from '../../core/exit-code.ts';
import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import type { SomeAnswers } from './answers.ts';
import { LOCAL } from './names.ts';

/** The options of `lobsterpot init` that answer a question. */
export type Flags = {
  readonly hosts?: string;
  readonly twoGateways?: boolean;
  readonly dir?: string;
  readonly link?: string;
  readonly provider?: string;
  readonly model?: string;
  readonly telegram?: string;
  readonly credentials?: string;
  readonly level?: string;
  readonly report?: boolean;
  readonly name?: string;
};

/** What the options answer; what they do not name is left open. Throws a Problem for hosts or a link that cannot be read. Pure. */
export function answersOf(flags: Flags): SomeAnswers {
  const { provider, model, telegram, credentials, level, name, dir } = flags;
  return {
    ...hostsOf(flags),
    ...(flags.link === undefined ? {} : linkOf(flags.link)),
    ...(flags.report === true ? { report: 'yes' } : {}),
    ...present({ dir, provider, model, telegram, credentials, level, name }),
  };
}

function present(some: Readonly<Record<string, string | undefined>>): SomeAnswers {
  return Object.fromEntries(Object.entries(some).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

function hostsOf({ hosts, twoGateways = false }: Flags): SomeAnswers {
  if (hosts === undefined) return twoGateways ? { topology: 'two-gateways' } : {};
  const all = hosts.split(',').map((one) => one.trim());
  const others = all.filter((one) => one !== 'local' && one !== LOCAL && one !== '');
  const [other] = others;
  if (others.length > 1 || all.length !== others.length + 1) {
    throw unreadable(
      'hosts',
      'init writes this machine, and at most one more',
      'local, or local and an address of ssh: --hosts local,admin@nas.local',
    );
  }
  if (other === undefined && twoGateways) {
    throw unreadable('hosts', 'two instances need two machines', '--two-gateways --hosts local,admin@nas.local');
  }
  return other === undefined ? { topology: 'this-machine' } : { topology: twoGateways ? 'two-gateways' : 'one-cluster', other };
}

function linkOf(link: string): SomeAnswers {
  const at = link.lastIndexOf('@');
  if (at > 0) return { account: link.slice(0, at), address: link.slice(at + 1) };
  throw unreadable('link', `it has no account and address: ${plainText(link, 60)}`, '--link me@192.168.1.10');
}

function unreadable(flag: string, cause: string, fix: string): Problem {
  return new Problem('init/flag', `--${flag} cannot be read`, { cause, fix: `write ${fix}`, exit: EXIT.usage });
}
