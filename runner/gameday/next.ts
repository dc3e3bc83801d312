import type { OnBroken } from '../../scenarios/gameday.ts';
import { exitCodes } from '../errors.ts';

/** What is done after a drill: the next, a question first, or nothing any more today. */
export type Next = 'go-on' | 'ask' | 'stop';

/**
 * What comes after a drill that ended with this code. Something that could not be undone, an interruption and a process that
 * died end the day whatever the file says; what nobody can judge is asked about.
 *
 * @param code null when the drill's process was killed
 * @param onBroken what the file says for a broken SLO; an abort is one
 */
export function afterDrill(code: number | null, onBroken: OnBroken): Next {
  switch (code) {
    case exitCodes.held: return 'go-on';
    case exitCodes.broken:
    case exitCodes.aborted: return onBroken;
    case exitCodes.inconclusive:
    case exitCodes.refused:
    case exitCodes.badInput: return 'ask';
    default: return 'stop';
  }
}
