/** Runs at most `most` at once, and one alone until one has succeeded: the others then share the connection that it opened. */
export function limiter(most: number): <T>(act: () => Promise<T>) => Promise<T> {
  let running = 0;
  let warm = false;
  const waiting: (() => void)[] = [];
  const next = (): void => {
    while (waiting.length > 0 && running < (warm ? most : 1)) {
      running += 1;
      waiting.shift()?.();
    }
  };
  return async (act) => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      next();
    });
    try {
      const result = await act();
      warm = true;
      return result;
    } finally {
      running -= 1;
      next();
    }
  };
}
