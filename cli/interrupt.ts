import { ExpectedError, exitCodes } from '../runner/errors.ts';

/**
 * Aborts at the first SIGINT or SIGTERM. Later ones change nothing: what was broken is being put back.
 *
 * @param meanwhile what people who send another are told
 */
export function interruptSignal(meanwhile: string): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.stderr.write(`${meanwhile}\n`);
      controller.abort(new ExpectedError(`interrupted by ${signal}`, exitCodes.interrupted));
    });
  }
  return controller.signal;
}
