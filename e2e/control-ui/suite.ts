import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { LAB } from '../lab/addresses.ts';
import { setStage } from '../support/stage.ts';
import { foreignPage, knock } from './foreign-page.ts';
import { startBrowser, visitor, type Visitor } from './visitor.ts';

const { LOBSTERPOT_E2E_CHROMIUM: program = '', LOBSTERPOT_E2E_PICTURES: pictures = '' } = process.env;
const ADDRESS = 'http://127.0.0.1:18789/';
const SOCKET = 'ws://127.0.0.1:18789';
const NOT_PAIRED = 'Approve this browser';

// One deployment and one browser; each visitor is a profile of its own in it.
const stage = await setStage();
const visitors: Visitor[] = [];
let browser: Browser;
let guest: Visitor;
let token = '';
let link = '';

before(async () => {
  const key = await stage.cli(['secrets', 'set', 'anthropic_api_key'], { stdin: stage.modelKey });
  assert.equal(key.code, 0, key.stderr);
  const [up, started] = await Promise.all([stage.cli(['apply', '--yes'], { timeoutMs: 180_000 }), startBrowser(program)]);
  browser = started;
  guest = await someone();
  assert.equal(up.code, 0, up.stderr);
  const input = { command: '/usr/bin/uname -n' };
  await stage.lab.setRules([{ when: 'run uname', reply: { kind: 'tool', tool: 'exec', input } }]);
  token = (await stage.cli(['token', 'main'])).stdout.trim();
});

after(async () => {
  await browser.close();
  await stage.cli(['destroy', '--confirm', 'home'], { timeoutMs: 60_000 });
});

test('no token -> the login page, which asks for it', async () => {
  await using one = await someone();
  await one.watch('no-token', async (page) => {
    await page.goto(ADDRESS);
    await page.getByText('This Gateway expects its token').waitFor();
    await page.getByText('needs a matching token').waitFor();
    assert.equal(await isIn(page), false);
  });
});

test('a wrong token -> rejected, and the page says so', async () => {
  await using one = await someone();
  await one.watch('wrong-token', async (page) => {
    await page.goto(ADDRESS);
    await enter(page, 'f'.repeat(64));
    await page.getByText('rejected the supplied Gateway secret').waitFor();
    assert.equal(await isIn(page), false);
  });
});

test('the token alone -> not in; `ui --approve` with the id that the page shows -> that browser is in, no other', async () => {
  await using one = await someone();
  await using other = await someone();
  await other.watch('other-waiting', (page) => wait(page));
  await one.watch('approved', async (page) => {
    await wait(page);
    const id = /openclaw devices approve ([\w-]+)/.exec(await page.locator('body').innerText())?.[1] ?? '';
    const unknown = await stage.cli(['ui', '--approve', `${id}x`]);
    assert.deepEqual([unknown.code, /no browser waits under the id/.test(unknown.stderr)], [1, true], unknown.stderr);
    const { code, stdout, stderr } = await stage.cli(['ui', '--approve', id]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^browser [0-9a-f]{12} \(.*Linux.*\) is let in\n$/);
    await composer(page).waitFor();
  });
  await other.watch('other-still-waiting', async (page) => {
    await page.getByText('Check now').click();
    await page.getByText(NOT_PAIRED).waitFor();
    assert.equal(await isIn(page), false);
  });
});

test('`ui` -> a link; a browser that waits is let in by it in the same tab, and stays let in without it', async () => {
  await guest.watch('link-in-waiting-browser', async (page) => {
    await wait(page);
    const { code, stdout, stderr } = await stage.cli(['ui'], { timeoutMs: 60_000 });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^http:\/\/127\.0\.0\.1:18789\/#bootstrapToken=\S+\n$/);
    assert.match(stderr, /good once within 10 min/);
    assert.doesNotMatch(stderr, /bootstrapToken/);
    link = stdout.trim();
    await page.goto(link);
    await composer(page).waitFor();
    assert.doesNotMatch(page.url(), /token/i);
    await page.goto('about:blank');
    await page.goto(ADDRESS);
    await composer(page).waitFor();
  });
});

test('a link that was used -> lets no second browser in', async () => {
  await using one = await someone();
  await one.watch('used-link', async (page) => {
    await page.goto(link);
    await page.getByRole('button', { name: 'Connect' }).waitFor();
    assert.equal(await isIn(page), false);
  });
});

test("a chat: run uname -> the model's answer, with the name of the node that ran it", async () => {
  await guest.watch('chat', async (page) => {
    await composer(page).fill('run uname');
    await composer(page).press('Enter');
    // The answer grows while it is read; between its beginning and what the node said are OpenClaw's own words.
    for (const part of [/the tool said:/, /^\s*nas\s*$/]) {
      await page.getByRole('paragraph').filter({ hasText: part }).waitFor({ timeout: 40_000 });
    }
  });
});

test('a page of another host -> refused though it has the token; the same words from our own page are refused for another reason', async () => {
  await stage.lab.setName('somebody.test', { kind: 'same', addresses: ['127.0.0.1'] });
  await using foreign = await foreignPage();
  await using one = await someone();
  await one.watch('foreign-page', async (page) => {
    await page.goto(`http://somebody.test:${foreign.port}/`);
    assert.match(await knock(page, SOCKET, connectFrame()), /^refused: origin not allowed/);
    await page.goto(ADDRESS);
    // It answers another challenge, which is looked at later.
    assert.match(await knock(page, SOCKET, connectFrame()), /^refused: device nonce mismatch/);
  });
});

test('a page of another port of this machine -> OpenClaw takes it for its own, but it has no key of a browser that was let in', async () => {
  await using foreign = await foreignPage();
  await using one = await someone();
  await one.watch('other-port', async (page) => {
    await page.goto(`http://127.0.0.1:${foreign.port}/`);
    const { params, ...rest } = JSON.parse(connectFrame());
    const { device: _device, ...others } = params;
    assert.match(await knock(page, SOCKET, JSON.stringify({ ...rest, params: others })), /^refused: control ui requires device identity/);
    assert.match(await knock(page, SOCKET, connectFrame()), /^refused: device nonce mismatch/);
  });
});

test("somebody else's name that leads here -> the page is not let in, though it has the token", async () => {
  await stage.lab.setName('rebound.test', { kind: 'same', addresses: ['127.0.0.1'] });
  await using one = await someone();
  await one.watch('rebound', async (page) => {
    await page.goto(`http://rebound.test:18789/#token=${token}`);
    await page.getByText('Browser origin not allowed').waitFor();
    assert.equal(await isIn(page), false);
  });
});

test('the internet -> no page asked anything of it, and nothing but the model was reached', async () => {
  const own = /^(http|ws):\/\/(127\.0\.0\.1|rebound\.test|somebody\.test):\d+\//;
  const strange = (asked: readonly string[]): readonly string[] =>
    asked.filter((url) => !own.test(url) && !/^(data|blob|about):/.test(url));
  assert.deepEqual(
    visitors.flatMap((one) => strange(one.asked)),
    [],
  );
  assert.ok(visitors.flatMap((one) => one.asked).length > 100);
  assert.deepEqual(await reached(), ['api.anthropic.com', 'rebound.test', 'somebody.test']);
  // The control: a page that does ask is seen by both.
  await using foreign = await foreignPage();
  await using one = await someone();
  await one.page.goto(`http://127.0.0.1:${foreign.port}/`);
  await one.page.evaluate(() => fetch('http://friendly.test/asked', { mode: 'no-cors' }).catch(() => {}));
  assert.deepEqual(strange(one.asked), ['http://friendly.test/asked']);
  assert.deepEqual(await reached(), [`${LAB.friendly}:80`, 'api.anthropic.com', 'friendly.test', 'rebound.test', 'somebody.test']);
});

async function someone(): Promise<Visitor> {
  const one = await visitor(browser, pictures);
  visitors.push(one);
  return one;
}

function composer(page: Page): ReturnType<Page['locator']> {
  return page.getByRole('textbox', { name: 'Chat composer' });
}

function isIn(page: Page): Promise<boolean> {
  return composer(page).isVisible();
}

async function enter(page: Page, secret: string): Promise<void> {
  await page.locator('input[type=password]').fill(secret);
  await page.getByRole('button', { name: 'Connect' }).click();
}

/** Opens the page, types the right token, and comes as far as that leads. */
async function wait(page: Page): Promise<void> {
  await page.goto(ADDRESS);
  await enter(page, token);
  await page.getByText(NOT_PAIRED).waitFor();
  assert.equal(await isIn(page), false);
}

/** What a page said to the gateway, with the right token, to be let in. */
function connectFrame(): string {
  const frame = visitors.map((one) => one.lastConnect()).find((one) => one.includes(token));
  assert.ok(frame !== undefined);
  return frame;
}

/** Every name that the lab's internet was asked for, and every address but the model's that was contacted. */
async function reached(): Promise<readonly string[]> {
  const { entries } = await stage.lab.ledger();
  const all = entries.flatMap((entry) => {
    switch (entry.kind) {
      case 'dns':
        // Chromium asks for `_18789._https.` before a name, too.
        return [entry.name.replace(/^(_\w+\.)+/, '')];
      case 'tcp':
        return entry.role === 'model' ? [] : [entry.to];
      case 'udp':
        return [entry.to];
      default:
        return [];
    }
  });
  return [...new Set(all)].toSorted();
}
