import { visible } from '../reports/words/untrusted.ts';

/**
 * Text of several lines for a terminal or a log, in which a name or an error of the platform can neither move the cursor nor turn
 * round or hide what stands beside it.
 */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}
