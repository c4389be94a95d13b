import { startLab } from '../../lab/start-lab.ts';

// Test fixture: makes a lab with a running container, says so, and waits to be killed.
const lab = await startLab();
const ran = await lab.nas.run(['/usr/local/bin/docker', 'run', '--detach', 'lobsterpot-lab/openclaw:2026.9.6', 'sleep', '1000'], {
  as: 'root',
});
process.stdout.write(`${JSON.stringify({ id: lab.id, folder: lab.folder, container: ran.code === 0, why: ran.stderr })}\n`);
setInterval(() => undefined, 60_000);
