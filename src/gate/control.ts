import type { Socket } from 'node:net';
import { reasonOf } from '../core/problem.ts';
import { strictest } from '../policy/decide.ts';
import type { GateAnswer, GateRequest } from '../policy/gate-protocol.ts';
import { normaliseTarget } from '../policy/target.ts';
import { parseControlRequest } from './control-request.ts';
import type { Gate } from './gate.ts';

const MAX_LINE = 65_536;
const IDLE_MS = 30_000;

/** Serves the operator's side: one line of JSON in, one line of JSON out, as often as wanted. */
export function serveControl(gate: Gate, socket: Socket): void {
  let buffered = '';
  socket.setEncoding('utf8');
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.end());
  socket.on('data', (text: string) => {
    buffered += text;
    for (let end = buffered.indexOf('\n'); end >= 0; end = buffered.indexOf('\n')) {
      const line = buffered.slice(0, end);
      buffered = buffered.slice(end + 1);
      socket.write(`${JSON.stringify(answerLine(gate, line))}\n`);
    }
    if (buffered.length > MAX_LINE) socket.destroy();
  });
}

function answerLine(gate: Gate, line: string): GateAnswer {
  const request = parseControlRequest(line);
  if ('invalid' in request) return { ok: false, error: request.invalid };
  try {
    return answer(gate, request);
  } catch (error) {
    return { ok: false, error: reasonOf(error) };
  }
}

function answer(gate: Gate, request: GateRequest): GateAnswer {
  switch (request.op) {
    case 'status':
      return { ok: true, op: 'status', status: gate.status() };
    case 'ping':
      return { ok: true, op: 'ping' };
    case 'reload': {
      const { by, change } = request;
      if (by !== undefined) gate.trail.write({ kind: 'operator', by, change: change ?? 'reload' });
      const closed = gate.reload();
      const { policyDigest, policyError } = gate.status();
      return {
        ok: true,
        op: 'reload',
        closed,
        ...(policyDigest === undefined ? {} : { policyDigest }),
        ...(policyError === undefined ? {} : { policyError }),
      };
    }
    case 'test': {
      const target = normaliseTarget(request.host, request.port);
      if ('refused' in target)
        return {
          ok: true,
          op: 'test',
          host: request.host,
          port: request.port,
          verdict: { allowed: false, reason: 'bad-target' },
          detail: target.refused,
        };
      const { host, port } = target;
      const verdict = gate.judge(target, request.client);
      const isJudgedByAddress = verdict.allowed && target.kind === 'address';
      return {
        ok: true,
        op: 'test',
        host,
        port,
        verdict: isJudgedByAddress ? strictest([verdict, gate.judgeAddress(host, port, request.client)]) : verdict,
      };
    }
    case 'pending':
      return { ok: true, op: 'pending', pending: gate.pending.list((entry) => gate.isPending(entry)) };
    case 'metrics':
      return { ok: true, op: 'metrics', text: gate.counts.text(gate.status()) };
    case 'proof':
      gate.quiet(request.forMs);
      gate.trail.write({ kind: 'operator', by: request.by, change: request.forMs > 0 ? 'a proof begins' : 'the proof has ended' });
      return { ok: true, op: 'proof' };
    case 'close': {
      const { id, client, by } = request;
      const closed = gate.tunnels.end((tunnel) =>
        (id === undefined || tunnel.id === id) && (client === undefined || tunnel.client === client) ? 'operator' : undefined,
      );
      gate.trail.write({ kind: 'operator', by, change: `closed ${closed} tunnels` });
      return { ok: true, op: 'close', closed };
    }
  }
}
