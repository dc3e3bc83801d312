import { randomBytes } from 'node:crypto';
import { runStamp } from '../runner/run-name.ts';

/** A name for a run of a drill: in the order of time as texts, and different each time. */
export function runId(drill: string, wallMs: number): string {
  return `${runStamp(wallMs)}-${drill}-${randomBytes(2).toString('hex')}`;
}

/** Whether a text is one that {@link runId} could have made. */
export function isRunId(text: string): boolean {
  return /^\d{8}T\d{6}Z-[a-z][a-z0-9-]*-[0-9a-f]{4}$/.test(text);
}
