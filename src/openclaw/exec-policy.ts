import { stableJson } from '../core/json.ts';
import { Problem } from '../core/problem.ts';

/** A binary that may run on a node; `args` is a regular expression on the arguments joined by one space. */
export type ExecRule = { readonly path: string; readonly args?: string };

/**
 * The document that makes a node refuse everything but `rules`, for `openclaw approvals set --stdin` on the node itself.
 * Without it OpenClaw's default is full access; an allow-list alone restricts nothing. Throws a Problem for a rule
 * that OpenClaw would read more widely than it is written.
 */
export function execPolicyDocument(rules: readonly ExecRule[]): string {
  return stableJson({
    version: 1,
    defaults: { security: 'allowlist', ask: 'off', askFallback: 'deny', autoAllowSkills: false },
    agents: { '*': { allowlist: rules.map(entryOf) } },
  });
}

function entryOf(rule: ExecRule): { pattern: string; argPattern?: string } {
  const fault = ruleFault(rule);
  if (fault !== undefined) {
    throw new Problem('openclaw/exec-rule', `the exec rule for ${JSON.stringify(rule.path)} cannot be enforced`, {
      cause: fault,
      fix: 'change exec.allow of the node in lobsterpot.yaml, then run: lobsterpot up',
    });
  }
  // An empty argPattern means "any arguments" to OpenClaw.
  return { pattern: rule.path, ...(rule.args === undefined ? {} : { argPattern: rule.args === '' ? '^$' : rule.args }) };
}

/** Why a rule would not mean what it says; undefined when it does. */
export function ruleFault(rule: ExecRule): string | undefined {
  // OpenClaw reads a pattern as a glob and `~` as a home, trims it, and compares names without a slash with bare commands.
  if (!/^\/[^*?[\]{}~\\\p{Cc}]*$/u.test(rule.path) || rule.path !== rule.path.trim()) {
    return 'path has to be absolute and without * ? [ ] { } ~ \\ or control characters';
  }
  if (/\/(\.{0,2})(\/|$)/.test(rule.path)) return 'path has to be written without . or .. or // or an ending /';
  if (rule.args === undefined) return undefined;
  // A NUL byte switches OpenClaw to another way of joining the arguments, a `sha256:` prefix to comparing digests.
  if (/\p{Cc}/u.test(rule.args) || rule.args.startsWith('sha256:')) return 'args has to be a regular expression without control characters';
  try {
    new RegExp(rule.args);
  } catch {
    return 'args is not a valid regular expression';
  }
  return undefined;
}

/** Whether the allow-list lets this exact command line pass, as OpenClaw judges a plain binary call. */
export function ruleAllows(rule: ExecRule, path: string, args: readonly string[]): boolean {
  if (rule.path !== path) return false;
  if (rule.args === undefined) return true;
  return new RegExp(rule.args === '' ? '^$' : rule.args).test(args.join(' '));
}
