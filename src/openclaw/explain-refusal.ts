import { ruleAllows, ruleFault, type ExecRule } from './exec-policy.ts';

/** Why a node refuses a command, and the lines that would allow it. */
export type Explanation = {
  readonly reason: 'no-rule' | 'args-differ' | 'shell' | 'wrapper' | 'bare-name' | 'link' | 'rule-allows';
  readonly message: string;
  /** Lines for `exec.allow` of the node in lobsterpot.yaml; absent when no rule can or should allow it. */
  readonly yaml?: string;
};

const SHELLS = /^(?:ba|da|a|z|k|mk|fi|c|tc)?sh$/;
const WRAPPERS = new Set(['env', 'nice', 'nohup', 'timeout', 'time', 'setsid', 'stdbuf', 'xargs', 'sudo', 'doas', 'busybox', 'toybox', 'command', 'exec']);

/**
 * Explains a refusal from the rules alone. `realPath` is the command's resolved path on the node, when it is known:
 * OpenClaw compares rules with that, never with a link.
 */
export function explainRefusal(rules: readonly ExecRule[], command: readonly string[], realPath?: string): Explanation {
  const [given = '', ...args] = command;
  const name = given.slice(given.lastIndexOf('/') + 1);
  if (SHELLS.test(name)) {
    return {
      reason: 'shell',
      message: `${given} is a shell: a rule for it would allow any command line, and scripts are refused; call the program itself`,
    };
  }
  if (WRAPPERS.has(name) && !rules.some((rule) => rule.path === (realPath ?? given))) {
    return { reason: 'wrapper', message: `${given} starts another program: call ${args.find((one) => one.startsWith('/')) ?? 'that program'} itself` };
  }
  if (!given.startsWith('/')) return bareName(rules, given, args, realPath);
  const path = realPath ?? given;
  const same = rules.filter((rule) => rule.path === path);
  if (same.some((rule) => ruleAllows(rule, path, args))) {
    return { reason: 'rule-allows', message: `a rule allows this, so the node does not have it yet: run lobsterpot up` };
  }
  if (same.length > 0) {
    const patterns = same.map((rule) => rule.args ?? '').join(' or ');
    return { reason: 'args-differ', message: `${path} is allowed only with arguments that match ${patterns}`, ...yamlFor(path, args) };
  }
  if (path !== given) {
    return { reason: 'link', message: `${given} is a link to ${path}, and the rule has to name the file itself`, ...yamlFor(path, args) };
  }
  return { reason: 'no-rule', message: `no rule of this node names ${path}`, ...yamlFor(path, args) };
}

function bareName(rules: readonly ExecRule[], given: string, args: readonly string[], realPath: string | undefined): Explanation {
  const path = realPath ?? rules.find((rule) => rule.path.endsWith(`/${given}`))?.path;
  const message = `${given} is a bare name: say which file is meant${path === undefined ? ', with its absolute path' : `, ${path}`}`;
  return { reason: 'bare-name', message, ...(path === undefined ? {} : yamlFor(path, args)) };
}

function yamlFor(path: string, args: readonly string[]): { readonly yaml?: string } {
  const rule = { path, args: `^${escaped(args.join(' '))}$` };
  // A command that no exact rule can stand for (control characters, globs in the path) gets no advice.
  if (ruleFault(rule) !== undefined) return {};
  return { yaml: `- { path: ${quoted(path)}, args: ${quoted(rule.args)} }` };
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

function quoted(text: string): string {
  // JSON strings are YAML double-quoted strings.
  return JSON.stringify(text);
}
