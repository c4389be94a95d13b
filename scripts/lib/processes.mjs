import { readFileSync, readdirSync } from 'node:fs';

/** Ends every process of one user, each by its id, and gives what they were. The user must be nobody's but ours. */
export function endProcessesOf(uid) {
  return end((one) => one.uid === uid);
}

/**
 * Ends every process that has to do with a folder, each by its id, and gives what they were: it is named in their
 * arguments, or mounted where they live (a contained service sees it under other names). The folder must be ours.
 */
export function endProcessesThatName(folder) {
  return end((one) => one.command.includes(folder) || one.mounts.includes(folder));
}

function end(isMeant) {
  const ended = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const one = read(pid);
    if (one === undefined || Number(pid) === process.pid || !isMeant(one)) continue;
    ended.push(`${pid} ${one.command}`);
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
  return ended;
}

function read(pid) {
  const status = text(pid, 'status');
  const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1];
  // It ended: what is left of it waits for its parent to look.
  if (uid === undefined || /^State:\s+[ZX]/m.test(status)) return undefined;
  return { uid: Number(uid), command: text(pid, 'cmdline').replaceAll('\0', ' ').trim(), mounts: text(pid, 'mountinfo') };
}

/** Empty when it may not be read, or when the process ended meanwhile. */
function text(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
