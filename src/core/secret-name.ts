/** Names that lobsterpot gives to the secrets it generates; a file that named one would hand a gateway's token or a link's key to a model provider. */
export function isReservedSecret(name: string): boolean {
  return /^(?:gateway|link)[-_]/.test(name);
}
