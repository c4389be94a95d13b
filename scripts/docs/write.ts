import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { documents } from './documents.ts';

// Writes the generated documents; with --check only says which of them are not what the code would write.
const check = process.argv.includes('--check');
const root = new URL('../../', import.meta.url);

for (const [path, made] of Object.entries(await documents())) {
  const url = new URL(path, root);
  if (read(url) === made) continue;
  if (check) {
    console.error(`${path} is not what the code says: run npm run golden`);
    process.exitCode = 1;
  } else {
    mkdirSync(new URL('.', url), { recursive: true });
    writeFileSync(url, made);
    console.error(`wrote ${path}`);
  }
}

function read(url: URL): string | undefined {
  try {
    return readFileSync(url, 'utf8');
  } catch {
    return undefined;
  }
}
