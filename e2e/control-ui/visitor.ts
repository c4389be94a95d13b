import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

const FLAGS = [
  // The test may be root, and an ordinary user's namespaces are used up by the lab.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // What Chromium itself wants of its maker on every start, whatever page is open.
  '--host-resolver-rules=MAP *.googleapis.com ~NOTFOUND, MAP accounts.google.com ~NOTFOUND',
] as const;

const PATIENCE_MS = 15_000;

/** One browser profile that never was anywhere, and what its pages asked for. */
export type Visitor = AsyncDisposable & {
  readonly page: Page;
  /** Addresses of every request and WebSocket, oldest first, without fragments. */
  readonly asked: readonly string[];
  /** The newest frame that a page sent to the gateway to be let in. */
  lastConnect(): string;
  /** Runs a piece of a test; when it fails, what the page showed is kept as a picture that the error names. */
  watch(name: string, piece: (page: Page) => Promise<void>): Promise<void>;
};

/** A headless Chromium with an empty profile; ends with its process. */
export function startBrowser(program: string): Promise<Browser> {
  return chromium.launch({ executablePath: program, headless: true, args: [...FLAGS], timeout: 30_000 });
}

/** A new person at the browser: nothing is shared with the visitors before. Pages that are left open go on asking the gateway: dispose of it. */
export async function visitor(browser: Browser, pictures: string): Promise<Visitor> {
  const profile = await browser.newContext();
  profile.setDefaultTimeout(PATIENCE_MS);
  const asked: string[] = [];
  let connect = '';
  profile.on('request', (request) => asked.push(request.url().split('#')[0] ?? ''));
  const page = await profile.newPage();
  page.on('websocket', (socket) => {
    asked.push(socket.url());
    socket.on('framesent', ({ payload }) => {
      if (String(payload).includes('"method":"connect"')) connect = String(payload);
    });
  });
  return {
    page,
    asked,
    lastConnect: () => connect,
    watch: async (name, piece) => {
      try {
        await piece(page);
      } catch (error) {
        const path = join(pictures, `${name}.png`);
        await page.screenshot({ path, timeout: 5000 }).catch(() => {});
        const shown = await page
          .locator('body')
          .innerText({ timeout: 2000 })
          .catch(() => 'nothing');
        throw new Error(`${error instanceof Error ? error.message : String(error)}\nthe page showed (${path}):\n${shown}`, {
          cause: error,
        });
      }
    },
    [Symbol.asyncDispose]: () => profile.close(),
  };
}
