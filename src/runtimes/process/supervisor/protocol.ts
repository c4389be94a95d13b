import * as z from 'zod/mini';

import { diskReportSchema } from '../../disk-report-schema.ts';

const request = z.discriminatedUnion('op', [
  z.object({ op: z.literal('status') }),
  z.object({ op: z.literal('start'), name: z.string() }),
  z.object({ op: z.literal('stop'), name: z.string() }),
  z.object({ op: z.literal('shutdown') }),
]);

const state = z.object({
  name: z.string(),
  state: z.enum(['absent', 'stopped', 'starting', 'healthy', 'unhealthy', 'backing-off']),
  spec: z.exactOptional(z.string()),
  pid: z.exactOptional(z.int()),
  sinceMs: z.exactOptional(z.number()),
  restarts: z.exactOptional(z.int()),
  lastError: z.exactOptional(z.string()),
  disk: z.exactOptional(diskReportSchema),
});

const answer = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    pid: z.int(),
    mode: z.exactOptional(z.enum(['root', 'user', 'plain'])),
    services: z.array(state),
  }),
  z.object({ ok: z.literal(false), code: z.string(), what: z.string(), cause: z.string(), fix: z.string() }),
]);

/** What the supervisor is asked: one JSON line. `start` also restarts. */
export type Request = z.infer<typeof request>;

/** What it answers: one JSON line, always with the state of everything it watches over. */
export type Answer = z.infer<typeof answer>;

export type StatusAnswer = Extract<Answer, { ok: true }>;

/** Throws on anything that is not a request. */
export function parseRequest(line: string): Request {
  return request.parse(JSON.parse(line));
}

/** Throws on anything that is not an answer. */
export function parseAnswer(line: string): Answer {
  return answer.parse(JSON.parse(line));
}
