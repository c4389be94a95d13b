import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { reach } from '../support/reach.ts';
import { parseJson, statusOf, type Stage } from '../support/stage.ts';

const planDocument = z.object({
  changes: z.array(
    z.looseObject({ kind: z.string(), path: z.string().optional(), effect: z.string().optional(), service: z.string().optional() }),
  ),
});

/** A rule more in the file: planned, applied while everything runs on, in force. */
export function changedFileChapter(stage: Stage): void {
  test('plan: one exec rule and one egress rule more -> the exec policy and a hot policy file, no restart', async () => {
    const document = parseDocument(readFileSync(stage.file, 'utf8'));
    document.addIn(['nodes', 'nas', 'exec', 'allow'], { path: '/usr/bin/id', args: '^-u$' });
    document.addIn(['egress', 'allow'], 'friendly.test');
    writeFileSync(stage.file, document.toString());
    const { code, stdout } = await stage.cli(['plan', '--json']);
    assert.equal(code, 2);
    const { changes } = planDocument.parse(parseJson(stdout));
    assert.deepEqual(
      changes.map(({ kind, path, effect }) => [kind, path, effect].filter((one) => one !== undefined).join(' ')),
      ['write-file services/gate/config/policy.json hot', 'set-exec-policy'],
    );
    const human = await stage.cli(['plan']);
    assert.match(
      human.stdout,
      /opens what was closed[^]*> egress to friendly\.test:443\n {2}> node nas may run \/usr\/bin\/id with arguments like \^-u\$\n/,
    );
    assert.match(human.stdout, /2 changes on 1 host\. apply: lobsterpot up\n$/);
  });

  test('apply --yes: it opens what was closed -> exit 130, nothing is changed; a word that is not one -> exit 3', async () => {
    const journal = readFileSync(join(stage.root, 'journal.jsonl'), 'utf8');
    const refused = await stage.cli(['apply', '--yes']);
    assert.equal(refused.code, 130);
    assert.match(
      refused.stderr,
      /\(cli\/not-accepted\)\n {2}cause: egress to friendly\.test:443 ; node nas may run[^]*--yes --accept exposure/,
    );
    assert.equal((await stage.cli(['apply', '--yes', '--accept', 'everything'])).code, 3);
    assert.equal((await stage.cli(['exec', 'nas', '--', '/usr/bin/id', '-u'])).code, 1);
    assert.equal(readFileSync(join(stage.root, 'journal.jsonl'), 'utf8'), journal);
  });

  test('apply: the changed file -> no service is another process, the new command runs, others are still refused', async () => {
    const before = (await statusOf(stage)).services;
    const { code, stderr } = await stage.cli(['apply', '--yes', '--accept', 'exposure'], { timeoutMs: 90_000 });
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      (await statusOf(stage)).services.map(({ name, pid, restarts }) => ({ name, pid, restarts })),
      before.map(({ name, pid, restarts }) => ({ name, pid, restarts })),
    );
    const ran = await stage.cli(['exec', 'nas', '--', '/usr/bin/id', '-u']);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /^\d+\n$/);
    assert.equal((await stage.cli(['exec', 'nas', '--', '/usr/bin/id'])).code, 1);
    assert.equal((await stage.cli(['plan'])).code, 0);
  });

  test('the gate: a host that the file names now -> reached from the node; another one -> still denied', async () => {
    assert.equal(await reach(stage, 'node-nas', 'friendly.test'), 'TLS friendly.test');
    assert.equal(await reach(stage, 'node-nas', 'evil.test'), 'HTTP/1.1 403 Forbidden');
    const { entries } = await stage.lab.ledger();
    assert.ok(entries.some((entry) => entry.kind === 'tls' && entry.sni === 'friendly.test'));
    assert.equal(
      entries.some((entry) => entry.kind === 'dns' && entry.name.endsWith('evil.test')),
      false,
    );
  });
}
