import type { Informer } from '../client/index.ts';
import type { ControllerContext, Running } from './context.ts';

/** Does something again and again, never twice at the same time, once the informers are in sync. What it throws is logged. */
export function startPeriodic(
  { log }: Pick<ControllerContext, 'log'>,
  name: string,
  periodMs: number,
  informers: readonly Pick<Informer<never>, 'synced'>[],
  action: () => Promise<void>,
): Running {
  let closed = false;
  let wake = (): void => {};
  const closing = Promise.withResolvers<void>();
  const run = async (): Promise<void> => {
    await Promise.race([Promise.all(informers.map(({ synced }) => synced)), closing.promise]);
    while (!closed) {
      try {
        await action();
      } catch (error) {
        log(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
      if (closed) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, periodMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const running = run();
  return {
    async close() {
      closed = true;
      closing.resolve();
      wake();
      await running;
    },
  };
}
