import { visible } from '../reports/words/untrusted.ts';
import type { Undone } from '../runner/undo.ts';

/** How an undo went, in one line. */
export function undoneText(what: string, { verified, said }: Undone): string {
  return `${verified ? 'undone' : 'NOT UNDONE'}: ${what}: ${visible(said)}`;
}
