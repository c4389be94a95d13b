import type { Command } from 'commander';
import type { Session } from '../program.ts';
export function registerEgress(_program: Command, _session: Session): void {}
