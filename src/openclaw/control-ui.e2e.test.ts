import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { controlUiLink } from './control-ui.ts';
import { observeNodes } from './observe-nodes.ts';
import { withGateway } from './rpc.ts';
import { BareStack, onceIn } from './testing/bare-stack.ts';
import { asBrowser } from './testing/browser.ts';
import { testRuntime } from './testing/test-runtime.ts';

let stack: BareStack;
let link = '';

before(async () => {
  stack = await BareStack.start(await testRuntime(), {});
});

after(async () => {
  await stack[Symbol.asyncDispose]();
});

test('Control UI: the gateway token alone -> no way in', async () => {
  assert.match(await asBrowser(stack.port, { token: stack.address.token.reveal() }), /^refused: device pairing required/);
});

test('controlUiLink: from another page -> no way in', async () => {
  const { url, expiresAtMs } = await controlUiLink(onceIn(stack.gateway), 'gateway-main', stack.port);
  assert.ok(expiresAtMs > Date.now());
  link = new URLSearchParams(new URL(url.reveal()).hash.slice(1)).get('bootstrapToken') ?? '';
  assert.match(await asBrowser(stack.port, { bootstrapToken: link, origin: 'http://evil.test' }), /^refused: origin not allowed/);
});

test('controlUiLink: in a browser -> in', async () => {
  assert.equal(await asBrowser(stack.port, { bootstrapToken: link }), 'in');
});

test('controlUiLink: a second time -> no way in', async () => {
  assert.match(await asBrowser(stack.port, { bootstrapToken: link }), /^refused: unauthorized/);
});

test('observeNodes: a browser that was let in and one that asks -> no strangers', async () => {
  const { strangers } = await withGateway(stack.address, (rpc) => observeNodes(rpc, []));
  assert.deepEqual(strangers, []);
});
