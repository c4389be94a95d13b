import { after } from 'node:test';
import { setStage } from '../support/stage.ts';
import { agentTurnChapter } from './agent-turn.ts';
import { bringUpChapter } from './bring-up.ts';
import { changedFileChapter } from './changed-file.ts';
import { channelChapter } from './channel.ts';
import { egressLifeChapter } from './egress-life.ts';
import { egressChapter } from './egress.ts';
import { execChapter } from './exec.ts';
import { recoveryChapter } from './recovery.ts';
import { secretsChapter } from './secrets.ts';
import { strangerChapter } from './stranger.ts';
import { supervisorChapter } from './supervisor.ts';
import { takeDownChapter } from './take-down.ts';

// One deployment; each chapter finds it as the one before left it.
const stage = await setStage();
// What a failed run would leave on the machine beyond the lab (control groups).
after(async () => void (await stage.cli(['destroy', '--confirm', 'home'], { timeoutMs: 60_000 })));

bringUpChapter(stage);
execChapter(stage);
agentTurnChapter(stage);
egressChapter(stage);
egressLifeChapter(stage);
changedFileChapter(stage);
channelChapter(stage);
strangerChapter(stage);
secretsChapter(stage);
recoveryChapter(stage);
supervisorChapter(stage);
takeDownChapter(stage);
