import fc from 'fast-check';
import { readHead } from '../../http-head.ts';
import { parseAccounts } from '../../routes/budget/accounts.ts';
import { meter } from '../../routes/budget/metered.ts';
import { a2aProvider } from '../../routes/providers/a2a.ts';
import { providerOf } from '../../routes/providers/all.ts';
import { readRouteRequest, routeName } from '../../routes/route-request.ts';
import { UsageReader } from '../../routes/usage/usage-reader.ts';
import { type FuzzTarget, fuzzTarget, must } from './fuzz-target.ts';
import { mutated } from './pieces.ts';

const KEY = '1234567:a-key_that-no-request-holds';
const MOST_BYTES = 1000;
const PEER = a2aProvider({ name: 'worker', host: 'worker.test', port: 443, path: '/a2a/v1' });
const NAMES = ['anthropic', 'openai', 'openrouter', 'google', 'telegram'] as const;
const FIELDS: ReadonlySet<string> = new Set(['accept', 'content-type', 'user-agent', 'anthropic-version', 'a2a-version']);

const good = fc.constantFrom(
  'POST /anthropic/v1/messages',
  'POST /openai/v1/responses',
  'POST /openrouter/api/v1/chat/completions',
  'POST /google/v1beta/models/gemini:streamGenerateContent?alt=sse',
  'GET /telegram/bot1:x/getUpdates',
  'POST /telegram/bot1:x/sendMessage',
  'GET /telegram/file/bot1:x/photos/file_1.jpg',
  'POST /a2a-worker/a2a/v1',
  'GET /a2a-worker/.well-known/agent-card.json',
);
const extra = fc.constantFrom(
  '/..',
  '/../',
  '//',
  '/.',
  '%2f',
  '%00',
  '?key=1',
  '#',
  '\\',
  '{key}',
  '{1}',
  '$1',
  '/setWebhook',
  ':x',
  '@evil.test',
  '\u00e9',
);
const field = fc.constantFrom(
  'x-api-key: other',
  'Authorization: Bearer other',
  'anthropic-version: 1',
  'anthropic-beta: files',
  'Content-Length: 5',
  'Content-Length: 1001',
  'Transfer-Encoding: chunked',
  'Connection: content-length',
  'Host: evil.test',
  'Accept: */*',
  'Cookie: a=b',
);
const requests = fc
  .tuple(good, fc.array(fc.tuple(extra, fc.nat(60)), { maxLength: 2 }), fc.array(field, { maxLength: 4 }))
  .map(([line, extras, fields]) => {
    const odd = extras.reduce<string>((text, [more, at]) => text.slice(0, at) + more + text.slice(at), line);
    return Buffer.from([`${odd} HTTP/1.1`, 'Host: 127.0.0.1:3128', ...fields, '', ''].join('\r\n'), 'latin1');
  });

function checkRequest(bytes: Buffer): void {
  const head = readHead(bytes);
  if (!head || 'refused' in head) return;
  const name = routeName(head) ?? '';
  const provider = name === PEER.name ? PEER : providerOf(name);
  if (!provider) return;
  const request = readRouteRequest(head, provider, MOST_BYTES);
  if (request.kind === 'refused') return;
  const path = request.pathWith(KEY);
  must(/^\/[!-~]*$/.test(path), 'a path that is more than one word');
  must(!/\.\.|\/\/|[%#{}@\\]/.test(path), 'a path that may be read in two ways');
  must((provider.credential.in === 'path') === path.includes(KEY), 'the key is where it does not belong');
  must(!/setWebhook|logOut|files|batches/.test(path) || path.startsWith('/file/'), 'something that is not in the list');
  must(
    Object.entries(request.fields).every(([name, value]) => FIELDS.has(name) && /^[\t -~]*$/.test(value)),
    'a field that the client should have kept',
  );
  must(request.body.kind !== 'length' || request.body.bytes <= MOST_BYTES, 'a body that is too long');
}

const answers = fc.tuple(
  fc.constantFrom(...NAMES),
  fc.boolean(),
  mutated(
    fc
      .record({
        type: fc.string(),
        usage: fc.jsonValue(),
        message: fc.jsonValue(),
        response: fc.jsonValue(),
        usageMetadata: fc.jsonValue(),
        model: fc.jsonValue(),
      })
      .map((event) => Buffer.from(`event: x\ndata: ${JSON.stringify(event)}\n\ndata: [DONE]\n`)),
  ),
  fc.nat(100),
);

function checkUsage([name, isStream, bytes, cut]: readonly [string, boolean, Buffer, number]): void {
  const provider = providerOf(name);
  must(provider !== undefined, 'no such provider');
  const reader = new UsageReader(provider.usage, isStream ? 'text/event-stream' : 'application/json');
  reader.feed(bytes.subarray(0, cut));
  reader.feed(bytes.subarray(cut));
  const cost = meter(provider, reader.end(), { status: 200, up: 10, down: bytes.length });
  must(
    !cost || (cost.tokens >= 0 && cost.usd >= 0 && Number.isFinite(cost.tokens) && Number.isFinite(cost.usd)),
    'an answer that costs less than nothing',
  );
}

const accounts = mutated(
  fc
    .record({ period: fc.constantFrom('2026-11-22', ''), requests: fc.integer(), tokens: fc.double(), usd: fc.double() })
    .map((used) => Buffer.from(JSON.stringify({ version: 1, accounts: { a: { day: used, month: used } } }))),
);

function checkAccounts(bytes: Buffer): void {
  for (const { day, month } of parseAccounts(bytes.toString())?.values() ?? [])
    for (const { requests: count, tokens, usd } of [day, month])
      must(count >= 0 && tokens >= 0 && usd >= 0, 'an account of less than nothing');
}

/** Credential routes: what is asked, what an answer says that it cost, what was kept of that. */
export const routeTargets: readonly FuzzTarget[] = [
  fuzzTarget('route-request', 8, mutated(requests), checkRequest),
  fuzzTarget('route-usage', 4, answers, checkUsage),
  fuzzTarget('route-accounts', 2, accounts, checkAccounts),
];
