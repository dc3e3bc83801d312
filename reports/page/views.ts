import type { JudgedRun } from '../../runner/verdict.ts';
import { length } from '../words/times.ts';
import { axisOf, timeAxis } from './axis.ts';
import type { Axis } from './axis.ts';
import { html } from './markup.ts';
import type { Markup } from './markup.ts';
import { timeline } from './timeline.ts';

interface Choice {
  readonly name: string;
  readonly axis: Axis;
}

/**
 * The time axis of the whole run, and close-ups where what matters is a small part of it: an election takes a second, a
 * recovery minutes. Radio buttons and the style sheet switch between them, so it takes no script; the page's script magnifies
 * whichever of them shows best what is looked at.
 */
export function timelines(run: JudgedRun): Markup {
  const choices = choicesOf(run);
  if (choices.length === 1) return timeline(run, { axis: choices[0]!.axis, gridId: 'grid-0' });
  return html`<div class="views">
${choices.map(
  (choice, index) =>
    html`<input type="radio" name="view" id="view-${index}"${index === 0 && html` checked=""`}/>
<label for="view-${index}">${choice.name} <span class="faint">${length(choice.axis.toMs - choice.axis.fromMs)}</span></label>`,
)}
${choices.map(
  ({ axis }, index) => html`<div class="view view-${index}">${timeline(run, { axis, gridId: `grid-${index}` })}</div>`,
)}
</div>`;
}

/** A close-up is offered when it is less than this part of the view before it. */
const worthIt = 0.6;

function choicesOf(run: JudgedRun): Choice[] {
  const whole = { name: 'whole run', axis: axisOf(run) };
  const closeUps = [
    { name: 'recovery', untilMs: lastChangeMs(run) },
    { name: 'first moments', untilMs: firstRepairMs(run) },
  ];
  return closeUps.reduce<Choice[]>(
    (choices, { name, untilMs }) => {
      const before = choices.at(-1)!.axis;
      const axis = timeAxis(Math.max(before.fromMs, -0.1 * untilMs), Math.min(before.toMs, 1.1 * untilMs));
      const fits = untilMs > 0 && axis.toMs - axis.fromMs < worthIt * (before.toMs - before.fromMs);
      return fits ? [...choices, { name, axis }] : choices;
    },
    [whole],
  );
}

/** When the last thing changed that a fault had changed; 0 when nothing did. */
function lastChangeMs(run: JudgedRun): number {
  return latest([
    ...run.faults.flatMap((fault) => [fault.injectedMs, fault.undone?.atMs]),
    ...run.probes.flatMap((probe) => probe.streams.flatMap((stream) => stream.outages.map((outage) => outage.end?.max))),
    ...run.leader.slice(1).map((one) => one.fromMs),
    ...run.lives.flatMap((life) => life.segments.slice(1).map((segment) => segment.fromMs)),
    ...run.waterfall.flatMap((recovery) => recovery.steps.map((step) => step.at?.max)),
  ]);
}

/** When the first leader was there again and the first outage over, with some time to see what came after. */
function firstRepairMs(run: JudgedRun): number {
  const ends = run.probes
    .flatMap((probe) => probe.streams.flatMap((stream) => stream.outages.map((outage) => outage.end?.max)))
    .filter((end) => end !== undefined && end > 0);
  const leaderBack = run.leader.find((one, index) => one.fromMs > 0 && one.leader !== null && run.leader[index - 1]?.leader === null);
  return 1.4 * latest([leaderBack?.fromMs, ends.length > 0 ? Math.min(...(ends as number[])) : undefined]);
}

function latest(moments: readonly (number | null | undefined)[]): number {
  return moments.reduce<number>((last, one) => (Number.isFinite(one ?? Number.NaN) ? Math.max(last, one!) : last), 0);
}
