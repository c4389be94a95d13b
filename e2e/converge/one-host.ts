import { after } from 'node:test';
import { setStage } from '../support/stage.ts';
import { driftChapter } from './drift.ts';
import { eachKindChapter } from './each-kind.ts';
import { refusedChapter } from './refused.ts';
import { walkChapter } from './walk.ts';

// One deployment; each chapter finds it as the one before left it.
const stage = await setStage();
after(async () => void (await stage.cli(['destroy', '--confirm', 'home'], { timeoutMs: 60_000 })));

walkChapter(stage);
eachKindChapter(stage);
driftChapter(stage);
refusedChapter(stage);
