import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { IMAGE, imageOf } from './image.ts';

suite('IMAGE', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  for (const image of [
    imageOf('2026.9.6'),
    'openclaw',
    'lobsterpot-lab/openclaw:2026.9.6',
    `ghcr.io/openclaw/openclaw@${digest}`,
    digest,
    'localhost:5000/openclaw',
    `nas.lan:5000/a/b-c/d_e.f:1.2-x_y@${digest}`,
    '[fd00::1]:5000/openclaw',
  ]) {
    test(`${image} -> an image`, () => assert.match(image, IMAGE));
  }
  for (const text of [
    '',
    '-v',
    '--privileged',
    'a b',
    'a\nb',
    'Openclaw:',
    'https://ghcr.io/a',
    'a/',
    '/a',
    'a//b',
    'a:b:c',
    'a:$b',
    'a@sha256:00',
    'sha256:00',
    'a;b',
    'UPPER',
    `a:${'x'.repeat(129)}`,
    `${digest}\n`,
  ]) {
    test(`${JSON.stringify(text)} -> none`, () => assert.doesNotMatch(text, IMAGE));
  }

  test('a long text -> told without delay', () => {
    const start = performance.now();
    for (const unit of ['a', 'a-', 'a.', 'a_', 'a/', '-']) assert.equal(IMAGE.test(`${unit.repeat(500)}!`), false);
    assert.ok(performance.now() - start < 500);
  });
});
