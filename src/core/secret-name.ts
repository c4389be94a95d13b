/** Names that lobsterpot gives to the secrets it generates; a file that named one would hand a gateway's token to a model provider. */
export function isReservedSecret(name: string): boolean {
  return /^gateway[-_]/.test(name);
}
