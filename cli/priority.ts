import { constants, getPriority, setPriority } from 'node:os';

/**
 * Has the system let this process go before others where it may: a harness that waits for a processor sees nothing, and
 * what it didn't see can't be held. An ordinary user may not, and then all is as it was.
 */
export function comeFirst(): void {
  const wanted = constants.priority.PRIORITY_ABOVE_NORMAL;
  if (getPriority() <= wanted) return;
  try {
    setPriority(wanted);
  } catch (error) {
    const code = (error as { info?: { code?: string } }).info?.code;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
  }
}
