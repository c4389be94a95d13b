import { readFileSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { Agent, request as secureRequest } from 'node:https';
import { currentLab } from '../e2e/lab/lab-client.ts';
import { policyOf, startGate } from '../e2e/gate/start-gate.ts';

// Runs in the lab: a provider, the real gate, and whoever asks.
const HOST = 'api.anthropic.com';
const WARM_UP = 30;
const lab = currentLab();
if (!lab) throw new Error('runs in the lab: npm run bench -- routes');
const requests = Number(process.argv[2] ?? '300');
const key = readFileSync(lab.modelKeyFile, 'utf8').trim();
const body = JSON.stringify({ model: 'claude-sonnet-5', stream: true, messages: [{ role: 'user', content: 'x'.repeat(50_000) }] });
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'anthropic-version': '2023-06-01' };
const agent = new Agent({ keepAlive: true, ca: lab.ca });
const gate = await startGate({
  policy: policyOf([HOST]),
  routes: [{ client: 'gateway-main', provider: 'anthropic', key }],
  caFile: lab.caFile,
});

/** Milliseconds from the request to the first byte of its answer; the rest is read to its end. */
function once(send: (onAnswer: (answer: IncomingMessage) => void) => ClientRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const asked = send((answer) => {
      let first = 0;
      answer.once('data', () => (first = performance.now() - began));
      answer.on('data', () => {});
      answer.on('error', reject);
      answer.on('end', () => (answer.statusCode === 200 ? resolve(first) : reject(new Error(`HTTP ${answer.statusCode}`))));
    });
    asked.setTimeout(10_000, () => asked.destroy(new Error('no answer')));
    asked.on('error', reject);
    asked.end(body);
  });
}

const socketPath = gate.path('gateway-main');
const method = 'POST';
const ways = {
  direct: () =>
    once((onAnswer) =>
      secureRequest({ method, host: HOST, path: '/v1/messages', agent, headers: { ...headers, 'x-api-key': key } }, onAnswer),
    ),
  route: () => once((onAnswer) => request({ method, socketPath, path: '/anthropic/v1/messages', agent: false, headers }, onAnswer)),
};
const took: { direct: number[]; route: number[] } = { direct: [], route: [] };
try {
  for (let round = 0; round < requests + WARM_UP; round += 1) {
    for (const way of ['direct', 'route'] as const) {
      const ms = await ways[way]();
      if (round >= WARM_UP) took[way].push(ms);
    }
  }
} finally {
  agent.destroy();
  await gate.remove();
}
process.stdout.write(JSON.stringify(took));
