import { readFileSync, writeFileSync } from 'node:fs';
import { after } from 'node:test';
import { setStage } from '../support/stage.ts';
import { driftChapter } from './drift.ts';
import { eachKindChapter } from './each-kind.ts';
import { refusedChapter } from './refused.ts';
import { walkChapter } from './walk.ts';

// One deployment; each chapter finds it as the one before left it.
const stage = await setStage();
// Keys as files: with a route a channel would be a change of the gate too.
writeFileSync(stage.file, readFileSync(stage.file, 'utf8').replace('credentials: route', 'credentials: file'));
after(async () => void (await stage.cli(['destroy', '--confirm', 'home'], { timeoutMs: 60_000 })));

walkChapter(stage);
eachKindChapter(stage);
driftChapter(stage);
refusedChapter(stage);
