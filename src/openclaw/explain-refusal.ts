import { ruleAllows, ruleFault, type ExecRule } from './exec-policy.ts';

/** Why a node refuses a command. */
export type Explanation = {
  readonly reason: 'no-rule' | 'args-differ' | 'shell' | 'wrapper' | 'bare-name' | 'link' | 'rule-allows';
  readonly message: string;
  /** The line for `exec.allow` of the node in lobsterpot.yaml; absent when no rule can or should allow it. */
  readonly yaml?: string;
  /** What may run as it is: the file that a link or a bare name stands for. */
  readonly instead?: string;
};

const SHELLS = /^(?:ba|da|a|z|k|mk|fi|c|tc)?sh$/;
const WRAPPERS = new Set([
  'env',
  'nice',
  'nohup',
  'timeout',
  'time',
  'setsid',
  'stdbuf',
  'xargs',
  'sudo',
  'doas',
  'busybox',
  'toybox',
  'find',
  'flock',
  'watch',
]);

/**
 * Explains a refusal from the rules alone. `realPath` is the command's resolved path on the node, when it is known:
 * OpenClaw holds rules against that, never against a link.
 */
export function explainRefusal(rules: readonly ExecRule[], command: readonly string[], realPath?: string): Explanation {
  const [given = '', ...args] = command;
  const name = given.slice(given.lastIndexOf('/') + 1);
  const path = realPath ?? given;
  const same = rules.filter((rule) => rule.path === path);
  if (same.some((rule) => ruleAllows(rule, path, args))) {
    if (path !== given) return { reason: 'link', message: `${given} is a link to ${path}, and only that file may run`, instead: path };
    return { reason: 'rule-allows', message: 'a rule allows it, so the node does not have the policy of the file yet: run lobsterpot up' };
  }
  if (same.length > 0) {
    const patterns = same.map((rule) => rule.args ?? '').join(' or ');
    return { reason: 'args-differ', message: `${path} may run only with arguments that match ${patterns}`, ...yamlFor(path, args) };
  }
  if (SHELLS.test(name)) {
    return { reason: 'shell', message: `${given} is a shell, and a rule for it would allow any command line: call the program itself` };
  }
  if (WRAPPERS.has(name)) {
    return {
      reason: 'wrapper',
      message: `${given} starts other programs, and a rule for it would allow them all: call ${programIn(args)} itself`,
    };
  }
  if (!path.startsWith('/')) return bareName(rules, given, args);
  if (path !== given) {
    return { reason: 'link', message: `${given} is a link to ${path}, and a rule has to name the file itself`, ...yamlFor(path, args) };
  }
  return { reason: 'no-rule', message: `no rule of this node names ${path}`, ...yamlFor(path, args) };
}

function bareName(rules: readonly ExecRule[], given: string, args: readonly string[]): Explanation {
  const path = rules.find((rule) => rule.path.endsWith(`/${given}`))?.path;
  if (path !== undefined) {
    const meant = explainRefusal(rules, [path, ...args]);
    if (meant.reason !== 'rule-allows') return meant;
    return { reason: 'bare-name', message: `${given} does not say which file is meant, and only ${path} may run`, instead: path };
  }
  return { reason: 'bare-name', message: `${given} does not say which file is meant: give its absolute path` };
}

function programIn(args: readonly string[]): string {
  return args.find((one) => one.startsWith('/')) ?? 'that program';
}

function yamlFor(path: string, args: readonly string[]): { readonly yaml?: string } {
  const rule = { path, args: `^${escaped(args.join(' '))}$` };
  // No exact rule can stand for control characters, or for a path that OpenClaw would read as a pattern.
  if (ruleFault(rule) !== undefined) return {};
  // A JSON string is a double-quoted string of YAML.
  return { yaml: `- { path: ${JSON.stringify(rule.path)}, args: ${JSON.stringify(rule.args)} }` };
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
