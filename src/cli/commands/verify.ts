import type { Command } from 'commander';
import type { Session } from '../program.ts';
export function registerVerify(_program: Command, _session: Session): void {}
