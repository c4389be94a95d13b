import { ruleAllows, ruleFault, type ExecRule } from './exec-policy.ts';

/** Why a node refuses a command, and what to do about it. */
export type Explanation = {
  readonly reason: 'no-rule' | 'args-differ' | 'shell' | 'wrapper' | 'bare-name' | 'link' | 'rule-allows';
  readonly why: string;
  readonly fix: string;
  /** The line for `exec.allow` of the node in lobsterpot.yaml; absent when no rule can or should allow it. */
  readonly yaml?: string;
};

const SHELLS = /^(?:ba|da|a|z|k|mk|fi|c|tc)?sh$/;
const WRAPPERS = new Set(['env', 'nice', 'nohup', 'timeout', 'time', 'setsid', 'stdbuf', 'xargs', 'sudo', 'doas', 'busybox', 'toybox', 'find', 'flock', 'watch']);

/**
 * Explains a refusal from the rules alone. `realPath` is the command's resolved path on the node, when it is known:
 * OpenClaw holds rules against that, never against a link.
 */
export function explainRefusal(rules: readonly ExecRule[], command: readonly string[], node: string, realPath?: string): Explanation {
  const [given = '', ...args] = command;
  const name = given.slice(given.lastIndexOf('/') + 1);
  const path = realPath ?? given;
  const same = rules.filter((rule) => rule.path === path);
  if (SHELLS.test(name) && same.length === 0) return shell(node, given);
  if (WRAPPERS.has(name) && same.length === 0) return wrapper(node, given, args);
  if (!given.startsWith('/') && realPath === undefined) return bareName(rules, node, given, args);
  if (same.some((rule) => ruleAllows(rule, path, args))) {
    return { reason: 'rule-allows', why: `a rule of node ${node} allows it, so the node does not have the file's policy yet`, fix: 'lobsterpot up' };
  }
  const advice = adviceFor(node, path, args);
  if (same.length > 0) {
    const patterns = same.map((rule) => rule.args ?? '').join(' or ');
    return { reason: 'args-differ', why: `${path} may run only with arguments that match ${patterns}`, ...advice };
  }
  if (path !== given) return { reason: 'link', why: `${given} is a link to ${path}, and a rule has to name the file itself`, ...advice };
  return { reason: 'no-rule', why: `no rule of node ${node} names ${path}`, ...advice };
}

function shell(node: string, given: string): Explanation {
  return {
    reason: 'shell',
    why: `${given} is a shell: a rule for it would allow any command line`,
    fix: `call the program itself: lobsterpot exec ${node} -- /usr/bin/PROGRAM ARGUMENTS`,
  };
}

function wrapper(node: string, given: string, args: readonly string[]): Explanation {
  const program = args.find((one) => one.startsWith('/')) ?? '/usr/bin/PROGRAM';
  return {
    reason: 'wrapper',
    why: `${given} starts other programs: a rule for it would allow them all`,
    fix: `call the program itself: lobsterpot exec ${node} -- ${program} ARGUMENTS`,
  };
}

function bareName(rules: readonly ExecRule[], node: string, given: string, args: readonly string[]): Explanation {
  const path = rules.find((rule) => rule.path.endsWith(`/${given}`))?.path;
  const full = [path ?? `/usr/bin/${given}`, ...args].map(shown).join(' ');
  return {
    reason: 'bare-name',
    why: `${given} does not say which file is meant, and no rule allows what it stands for`,
    fix: `give the absolute path: lobsterpot exec ${node} -- ${full}`,
  };
}

function adviceFor(node: string, path: string, args: readonly string[]): { readonly fix: string; readonly yaml?: string } {
  const rule = { path, args: `^${escaped(args.join(' '))}$` };
  // No exact rule can stand for control characters, or for a path that OpenClaw would read as a pattern.
  if (ruleFault(rule) !== undefined) return { fix: `write an exec.allow rule for nodes.${node} by hand, then run: lobsterpot up` };
  const yaml = `- { path: ${JSON.stringify(rule.path)}, args: ${JSON.stringify(rule.args)} }`;
  return { fix: `to allow exactly this, add to nodes.${node}.exec.allow: ${yaml} and run: lobsterpot up`, yaml };
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

function shown(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word);
}
