import { deploymentJsonSchema } from '../../src/topology/json-schema.ts';
import { CATALOGUE } from '../../src/checks/catalogue/catalogue.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { checksReference } from './checks-reference.ts';
import { cliReference } from './cli-reference.ts';
import { configReference } from './config-reference.ts';
import { renderedExamples } from './rendered-example.ts';

/** The files that are written from the code: path from the project's root -> content. */
export async function documents(): Promise<Readonly<Record<string, string>>> {
  return {
    'docs/config.md': configReference(deploymentJsonSchema()),
    'lobsterpot.schema.json': `${JSON.stringify(deploymentJsonSchema(), null, 2)}\n`,
    'docs/checks.md': checksReference(CATALOGUE),
    'docs/cli.md': cliReference(buildProgram()),
    ...renderedExamples(),
  };
}
