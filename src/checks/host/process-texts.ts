import type { Host } from '../../hosts/host.ts';

/** What a process of a host says of itself where everybody with its rights can read it. */
export type ProcessText = { readonly name: string; readonly text: string };

const READ_MS = 20_000;
const MOST_BYTES = 65_536;

// `head` puts the name of each file before it; a Mac has no /proc, and its ps shows the environment of one's own processes.
const SCRIPT = `if [ -r /proc/self/cmdline ]; then
  cd /proc && for d in [0-9]*; do set -- "$@" "$d/cmdline" "$d/environ"; done
  head -c ${MOST_BYTES} "$@" 2>/dev/null
else
  ps -axwwE -o pid=,command=
fi
:`;

/** The arguments and the environment of every process that this user can read there; undefined: of none. */
export async function readProcessTexts(machine: Pick<Host, 'run'>): Promise<readonly ProcessText[] | undefined> {
  const { code, timedOut, stdout } = await machine.run(['/bin/sh', '-c', SCRIPT], { timeoutMs: READ_MS });
  if (timedOut || code !== 0) return undefined;
  const texts = parseProcessTexts(stdout);
  return texts.length === 0 ? undefined : texts;
}

/** Pure: the script's answer by process. A process that writes such a heading itself only gets its text cut in two. */
export function parseProcessTexts(answer: string): readonly ProcessText[] {
  const parts = answer.split(/^==> (\d+)\/(?:cmdline|environ) <==$/m);
  if (parts.length === 1) {
    return answer.split('\n').flatMap((line) => {
      const match = /^ *(\d+) +(\S+)/.exec(line);
      return match ? [{ name: `${(match[2] ?? '').replace(/^.*\//, '')} (${match[1]})`, text: line }] : [];
    });
  }
  const texts = new Map<string, string>();
  for (let at = 1; at < parts.length; at += 2) {
    const pid = parts[at] ?? '';
    texts.set(pid, `${texts.get(pid) ?? ''}${parts[at + 1] ?? ''}`);
  }
  return [...texts].filter(([, text]) => text.trim() !== '').map(([pid, text]) => ({ name: `${programOf(text)} (${pid})`, text }));
}

function programOf(text: string): string {
  return (text.trimStart().split('\0')[0] ?? '').replace(/^.*\//, '').slice(0, 40);
}
