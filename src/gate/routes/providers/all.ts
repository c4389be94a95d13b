import type { Provider } from '../provider.ts';
import { ANTHROPIC } from './anthropic.ts';
import { GOOGLE } from './google.ts';
import { OPENAI } from './openai.ts';
import { OPENROUTER } from './openrouter.ts';
import { TELEGRAM } from './telegram.ts';

const PROVIDERS: readonly Provider[] = [ANTHROPIC, GOOGLE, OPENAI, OPENROUTER, TELEGRAM];

/** The provider of this name; undefined when no route leads to it. */
export function providerOf(name: string): Provider | undefined {
  return PROVIDERS.find((one) => one.name === name);
}
