import { Problems } from '../../core/problem.ts';
import type { Deployment } from '../deployment.ts';
import { parseDeployment } from '../parse-deployment.ts';

/** The shortest valid file. */
export const SHORTEST = 'name: home\nhosts: { here: {} }\ngateways: { main: { host: here } }\n';

/** Parses a text as if it were ./lobsterpot.yaml, with `files` beside it. */
export function parseText(text: string, files: Readonly<Record<string, string>> = {}): Deployment {
  return parseDeployment(text, {
    file: 'lobsterpot.yaml',
    readFile: (path) => {
      const content = files[path];
      if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return Buffer.from(content);
    },
  });
}

/** What is told about a text: nothing when it is valid. */
export function toldAbout(text: string, files: Readonly<Record<string, string>> = {}): readonly string[] {
  try {
    parseText(text, files);
    return [];
  } catch (thrown) {
    if (thrown instanceof Problems) return thrown.all.map((one) => one.message);
    throw thrown;
  }
}
