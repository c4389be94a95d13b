import type { Instruction } from '../filter.ts';

/** A system call as a syscall filter sees it. */
export type Call = { readonly arch: number; readonly number: number; readonly args: readonly number[] };

/** Runs a classic BPF program of the few instructions that the filter uses; throws when it leaves the program or reads past the call. */
export function evaluate(program: readonly Instruction[], call: Call): number {
  let accumulator = 0;
  for (let at = 0; ;) {
    const instruction = program[at];
    if (!instruction) throw new RangeError(`jump to ${at}`);
    const { code, jt, jf, k } = instruction;
    at += 1;
    switch (code) {
      case 0x20:
        accumulator = word(call, k);
        break;
      case 0x15:
        at += accumulator === k ? jt : jf;
        break;
      case 0x35:
        at += accumulator >= k ? jt : jf;
        break;
      case 0x45:
        at += (accumulator & k) !== 0 ? jt : jf;
        break;
      case 0x54:
        accumulator = (accumulator & k) >>> 0;
        break;
      case 0x06:
        return k;
      default:
        throw new RangeError(`instruction ${code}`);
    }
  }
}

function word(call: Call, offset: number): number {
  if (offset === 0) return call.number;
  if (offset === 4) return call.arch;
  const argument = call.args[(offset - 16) / 8];
  if (argument === undefined) throw new RangeError(`load ${offset}`);
  return argument;
}
