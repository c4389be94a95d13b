import type { Invalid } from '../../policy/policy-file.ts';
import type { Provider } from './provider.ts';

/** The provider with those of its endpoints alone that `only` names; absent, with all of them. */
export function narrowed(provider: Provider, only: unknown): Provider | Invalid {
  if (only === undefined) return provider;
  const names: readonly unknown[] = Array.isArray(only) ? only : [];
  const isKnown = (name: unknown): boolean => provider.endpoints.some((one) => one.name === name);
  if (names.length === 0 || !names.every(isKnown)) return { invalid: 'only is no list of what may be asked of this provider' };
  return { ...provider, endpoints: provider.endpoints.filter(({ name }) => names.includes(name)) };
}
