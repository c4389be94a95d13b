import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { atPort, controlUiLink } from './control-ui.ts';

const GIVEN = 'http://127.0.0.1:21789/#bootstrapToken=secret-code&bootstrapProfile=owner&gatewayUrl=ws%3A%2F%2F127.0.0.1%3A21789';
const SEEN = 'http://127.0.0.1:18789/#bootstrapToken=secret-code&bootstrapProfile=owner&gatewayUrl=ws%3A%2F%2F127.0.0.1%3A18789';

function says(stdout: string, code = 0, stderr = ''): Parameters<typeof controlUiLink>[0] {
  return async () => ({ code, signal: undefined, timedOut: false, stdout, stderr });
}

test('atPort: inside port -> published port, in the address and in the fragment', () => {
  assert.equal(atPort(GIVEN, 18789), SEEN);
});

test('controlUiLink: an answer -> the link, which does not print', async () => {
  const link = await controlUiLink(
    says(JSON.stringify({ ok: true, browserUrl: GIVEN, browserBootstrapExpiresAtMs: 5 })),
    'gateway-main',
    18789,
  );
  assert.equal(link.url.reveal(), SEEN);
  assert.equal(link.expiresAtMs, 5);
  assert.doesNotMatch(inspect(link), /secret-code/);
});

for (const [what, run, cause] of [
  ['not ready', says('{"ok":false,"reason":"HTTP 503"}', 1), /HTTP 503/],
  ['no JSON', says('oops', 0, 'broken'), /broken/],
  ['nothing', says('', 1), /said nothing/],
  ['another form', says('{"ok":true,"browserUrl":"x"}'), /said nothing/],
] as const) {
  test(`controlUiLink: ${what} -> a problem`, async () => {
    await assert.rejects(controlUiLink(run, 'gateway-main', 18789), { code: 'openclaw/control-ui', why: cause });
  });
}
