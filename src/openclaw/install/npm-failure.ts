import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import type { RunResult } from '../../hosts/host.ts';

/** What went wrong in `npm ci`, told by its error code. */
export function npmFailure(version: string, result: RunResult): Problem {
  const what = `OpenClaw ${version} could not be installed`;
  const said = lastLines(result.stderr || result.stdout);
  const code = /\bcode ([A-Z]\w+)/.exec(result.stderr)?.[1] ?? '';
  const again = 'then run: lobsterpot up';
  if (result.timedOut) return problem('install-timeout', what, 'npm did not finish within its time limit', `check the network, ${again}`);
  if (
    /^(ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|ERR_SOCKET\w*|EHOSTUNREACH|ENETUNREACH|FETCH\w*|UND_ERR\w*|UNABLE_TO\w*|SELF_SIGNED\w*|CERT_\w+)$/.test(
      code,
    )
  ) {
    return problem('registry', what, `npm's registry cannot be reached: ${said}`, `check with: npm ping, ${again}`);
  }
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return problem('disk-full', what, 'the disk is full; about 1.2 GB are needed', `make room, ${again}`);
  if (code === 'EINTEGRITY') {
    return problem(
      'integrity',
      what,
      `a package is not the one that was pinned: ${said}`,
      `run: npm cache verify, ${again}; if it stays, do not trust the registry`,
    );
  }
  if (code === 'E404' || code === 'ETARGET')
    return problem(
      'registry',
      what,
      `the registry does not have a package: ${said}`,
      `check npm's registry setting with: npm config get registry, ${again}`,
    );
  return problem('install', what, said || `npm ended with ${result.code ?? result.signal ?? 'nothing'}`, `look at the cause, ${again}`);
}

function problem(name: string, what: string, cause: string, fix: string): Problem {
  return new Problem(`openclaw/${name}`, what, { cause, fix });
}

function lastLines(text: string): string {
  const lines = plainText(text, 20_000)
    .split('\n')
    .map((line) => line.replace(/^npm (?:error|ERR!) ?/, '').trim())
    // The path of npm's own log file tells nothing.
    .filter((line) => line !== '' && !line.startsWith('A complete log of this run'));
  return plainText(lines.slice(0, 4).join(' / '), 400);
}
