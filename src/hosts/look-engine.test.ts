import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { factsScript } from './facts-script.ts';
import type { HostFacts } from './host.ts';
import { parseFacts } from './parse-facts.ts';

const ID = `sha256:${'a'.repeat(64)}`;
const REF = "name with 'quotes':1";

// Answers as docker does; what it says of an image is left to each test.
const DOCKER = String.raw`#!/bin/sh
case "$*" in
  version*) echo '{"Server":{"Version":"24.0.2","ApiVersion":"1.43"}}' ;;
  'info --format {{json .}}') echo '{"DockerRootDir":"/"}' ;;
  'info --format {{.DockerRootDir}}') echo / ;;
  "ps --filter label=deployment=home --format {{.Label \"service\"}}") printf 'gate\nnode-nas\n' ;;
  "image inspect --format {{.Os}} {{.Architecture}} {{.Id}} ${REF}") eval "$SAYS" ;;
  *) exit 1 ;;
esac`;

function factsWith(says: string): HostFacts | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'look-engine-'));
  try {
    writeFileSync(join(folder, 'docker'), DOCKER, { mode: 0o755 });
    const ask = { docker: true, look: { paths: [], accounts: [], image: REF, label: { own: 'deployment=home', name: 'service' } } };
    const env = { PATH: `${folder}:/usr/bin:/bin`, HOME: folder, SAYS: says };
    return parseFacts(
      execFileSync('/bin/sh', ['-c', factsScript(ask)], { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'] }),
      ask,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const [name, says, image] of [
  ['there', `echo linux arm64 ${ID}`, { os: 'linux', arch: 'arm64', id: ID }],
  ['not there', `echo "Error: No such image: x" >&2; exit 1`, 'absent'],
  ['not told', 'echo "context deadline exceeded" >&2; exit 1', undefined],
  ['nonsense', 'echo "<html>"', undefined],
] as const) {
  test(`lookAtEngine: an image that is ${name} -> ${typeof image === 'object' ? 'what it is for' : image}`, () => {
    const facts = factsWith(says);
    assert.equal(facts?.docker?.kind, 'ready');
    assert.deepEqual(facts.look?.image, image);
    assert.deepEqual([...(facts.look?.running ?? [])], ['gate', 'node-nas']);
    assert.ok((facts.look?.engineDisk?.freeMiB ?? 0) > 0);
  });
}
