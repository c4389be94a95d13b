/** Does it for each at the same time and waits for all of them, whatever becomes of the others; then throws the first failure, in their order. */
export async function sideBySide<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const ended = await Promise.allSettled([...items].map(async (item) => work(item)));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}
