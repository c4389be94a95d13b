import { z } from 'zod';

import { reasonOf } from '../core/problem.ts';

/** Why a file of ours cannot be understood, in one line: of what its schema refused the first mistake and its place. */
export function reasonLine(thrown: unknown): string {
  if (!(thrown instanceof z.ZodError)) return reasonOf(thrown).split('\n')[0] ?? '';
  const [issue] = thrown.issues;
  const place = issue?.path.map(String).join('.') ?? '';
  return `${issue?.message ?? 'not understood'}${place === '' ? '' : ` (${place})`}`;
}
