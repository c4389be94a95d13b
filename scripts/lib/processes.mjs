import { readFileSync, readdirSync } from 'node:fs';

/** Ends every process of one user, each by its id, and gives what they were. The user must be nobody's but ours. */
export function endProcessesOf(uid) {
  const ended = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const process_ = read(pid);
    if (process_?.uid !== uid) continue;
    ended.push(`${pid} ${process_.command}`);
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
  return ended;
}

function read(pid) {
  try {
    const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { uid: Number(uid), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() };
  } catch {
    return undefined;
  }
}
