import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { pinnedForm } from './image.ts';

const ID = `sha256:${'1'.repeat(64)}`;
const DIGEST = `sha256:${'2'.repeat(64)}`;

suite('pinnedForm', () => {
  const table: ReadonlyArray<readonly [string, readonly string[], string]> = [
    ['ghcr.io/openclaw/openclaw:2026.9.6', [`ghcr.io/openclaw/openclaw@${DIGEST}`], `ghcr.io/openclaw/openclaw@${DIGEST}`],
    ['ghcr.io/openclaw/openclaw', [`ghcr.io/openclaw/openclaw@${DIGEST}`], `ghcr.io/openclaw/openclaw@${DIGEST}`],
    [`ghcr.io/openclaw/openclaw:2026.9.6@${DIGEST}`, [], `ghcr.io/openclaw/openclaw:2026.9.6@${DIGEST}`],
    ['localhost:5000/openclaw:1', [`localhost:5000/openclaw@${DIGEST}`], `localhost:5000/openclaw@${DIGEST}`],
    ['localhost:5000/openclaw', [`localhost:5000/openclaw@${DIGEST}`], `localhost:5000/openclaw@${DIGEST}`],
    ['built-here:1', [], ID],
    ['built-here:1', [`another/name@${DIGEST}`], ID],
    [ID, [`ghcr.io/openclaw/openclaw@${DIGEST}`], ID],
  ];
  for (const [ref, digests, expected] of table) {
    test(`${ref} with ${digests.length} digests -> ${expected.slice(0, 40)}`, () => assert.equal(pinnedForm(ref, ID, digests), expected));
  }
});
