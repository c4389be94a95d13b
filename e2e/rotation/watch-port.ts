/** Asks a gateway for its health all the time, as somebody outside would. */
export function watchPort(port: number): Disposable & { longestMs(): number } {
  let longest = 0;
  let since: number | undefined;
  let isAsking = false;
  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const isUp = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(1000) }).then(
      (answer) => answer.ok,
      () => false,
    );
    isAsking = false;
    since = isUp ? undefined : (since ?? performance.now());
    if (since !== undefined) longest = Math.max(longest, performance.now() - since);
  };
  const timer = setInterval(() => void ask(), 100);
  return { longestMs: () => longest, [Symbol.dispose]: () => clearInterval(timer) };
}
