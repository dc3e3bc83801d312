/**
 * Ends this process when its pod is told to end: once, and only after what is under way.
 *
 * @param close resolves when that is done
 */
export function endOnSignal(close: () => Promise<unknown>, log: (line: string) => void): void {
  let ending = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (ending) return;
      ending = true;
      log(`${signal}: finishes what is under way`);
      close().then(() => process.exit(0), (error: unknown) => log(String(error)));
    });
  }
}
