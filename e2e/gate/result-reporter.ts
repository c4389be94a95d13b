import type { TestEvent } from 'node:test/reporters';

/** One JSON line a finished test, for whoever started the run in another namespace. */
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { name, details, skip } = event.data;
    const error =
      'error' in details ? String(details.error.cause instanceof Error ? details.error.cause.stack : details.error.message) : undefined;
    yield `${JSON.stringify({ name, ok: event.type === 'test:pass', error, ...(typeof skip === 'string' ? { skip } : {}) })}\n`;
  }
}
