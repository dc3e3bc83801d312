import { visible } from '../../reports/words/untrusted.ts';
import type { Entry } from '../../runner/journal.ts';

/** The harness standing still for less is for the report, which counts it; here it would hide the rest. */
const worthALineMs = 500;

/**
 * An entry as a plain line for a pipe or a log file; undefined for those that would only flood it.
 *
 * @param zeroMs the first fault on the run's clock; undefined before it
 */
export function lineFor(entry: Entry, zeroMs: number | undefined): string | undefined {
  const said = sayingOf(entry);
  if (said === undefined) return undefined;
  const since = zeroMs === undefined ? '' : ` t+${((entry.t - zeroMs) / 1_000).toFixed(1)}s`;
  return `${entry.at}${since}  ${visible(said)}`;
}

function sayingOf(entry: Entry): string | undefined {
  switch (entry.type) {
    case 'run.started':
      return `run ${entry.run}: ${entry.scenario.title} (seed ${entry.seed}, environment ${entry.environment.name})`;
    case 'phase':
      return `phase: ${entry.phase}`;
    case 'fault.intent':
      return `fault ${entry.fault}: ${entry.says}${entry.sum ? ` [${entry.sum}]` : ''}`;
    case 'fault.injected':
      return `fault ${entry.fault}: injected`;
    case 'fault.failed':
      return `fault ${entry.fault}: FAILED: ${entry.error}`;
    case 'fault.undone':
      return `fault ${entry.fault}: ${entry.verified ? 'undone' : 'NOT UNDONE'}: ${entry.said}`;
    case 'milestone':
      return entry.notYet === null ? undefined : `${entry.subject}: ${entry.facet} ${entry.state}`;
    case 'abort':
      return `stop condition: ${entry.reason}`;
    case 'note':
      return `note: ${entry.text}`;
    case 'blind':
      return entry.to - entry.from < worthALineMs ? undefined : `note: the harness stood still for ${Math.round(entry.to - entry.from)} ms and saw nothing`;
    case 'notification':
      return entry.outcome === 'delivered' ? undefined : `note: ${entry.to} was not told of the ${entry.about}: ${entry.outcome}`;
    case 'run.ended':
      return `ended (${entry.outcome}): ${entry.reason}`;
    default:
      return undefined;
  }
}
