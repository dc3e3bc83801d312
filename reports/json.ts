import { defineFormat } from './format.ts';
import { visibleJson } from './words/untrusted.ts';

/**
 * For programs. The judged run as it is, without its single observations, which are in `csv`: its shape is `JudgedRun` in
 * `runner/verdict.ts` and, as a JSON Schema, `schema/report.schema.json`. `schemaVersion` grows by one with every change that
 * could break a reader (keys may be added without).
 *
 * - Instants and lengths are milliseconds; instants count from `run.firstFaultAt` (UTC), or from `run.startedAt` when
 *   that is null. `run.startMs` and `run.endMs` are the run's own ends on that scale.
 * - An error bar is `{ min, max }`; an infinite end (an outage that did not end) is null, as JSON has no infinity.
 * - `verdict.exitCode` is what the command ended with. Secrets were masked before they reached the journal.
 */
export default defineFormat({
  summary: 'For programs: the judged run as it is, with a schema version.',
  extension: 'json',
  // Stringifying turns an infinite bound into null, as documented above.
  render: ({ observations: _, ...told }) => `${visibleJson(JSON.stringify(told, null, 2))}\n`,
});
