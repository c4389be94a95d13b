import { createHash } from 'node:crypto';

/** The providers beside Anthropic that the lab has a stand-in for, and the host of each. */
export const OTHER_HOSTS = {
  openai: 'api.openai.com',
  openrouter: 'openrouter.ai',
  google: 'generativelanguage.googleapis.com',
} as const;

export type OtherProvider = keyof typeof OTHER_HOSTS;

/** The key that the stand-in of a provider expects: another one in each lab, and known to whoever knows that of the model. */
export function providerKey(provider: OtherProvider, modelKey: string): string {
  return `sk-lab-${provider}-${createHash('sha256').update(`${provider} ${modelKey}`).digest('hex').slice(0, 40)}`;
}
