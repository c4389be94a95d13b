import { deploymentJsonSchema } from '../../src/topology/json-schema.ts';
import { checksReference } from './checks-reference.ts';
import { cliReference } from './cli-reference.ts';
import { configReference } from './config-reference.ts';

/** The files that are written from the code, by path from the project's root. */
export const DOCUMENTS: Readonly<Record<string, () => Promise<string>>> = {
  'docs/config.md': () => Promise.resolve(configReference(deploymentJsonSchema())),
  'lobsterpot.schema.json': () => Promise.resolve(`${JSON.stringify(deploymentJsonSchema(), null, 2)}\n`),
  'docs/checks.md': async () => checksReference((await import('../../src/checks/catalogue/catalogue.ts')).CATALOGUE),
  'docs/cli.md': async () => cliReference((await import('../../src/cli/program.ts')).buildProgram()),
};
