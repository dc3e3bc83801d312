import type { JudgedRun } from '../../runner/verdict.ts';
import { consistencyInWords, counterexamples } from '../words/consistency.ts';
import { counterexampleDrawing } from './counterexample.ts';
import { section } from './document.ts';
import { html, name } from './markup.ts';
import type { Markup } from './markup.ts';

/** What can't all have happened, drawn; null when nothing was found. */
export function counterexampleSection(run: JudgedRun): Markup | null {
  const found = counterexamples(run);
  if (found.length === 0) return null;
  return section('counterexample', "What can't be so", found.map(({ probe, check, shown }) => html`<h3>${name(probe)}: ${check}</h3>
<p>${name(shown.says)}</p>
${counterexampleDrawing(shown)}`));
}

/** What was found of each history, and what recording it has cost the cluster. */
export function consistencySection(run: JudgedRun): Markup | null {
  if (!run.consistency?.length) return null;
  return section('consistency', 'Consistency', html`<ul>${run.consistency.map((one) => {
    const { verdict, cost } = consistencyInWords(one);
    return html`<li><b>${name(one.probe)}</b>: ${name(verdict)}${cost !== null && html`<br/>${cost}`}</li>`;
  })}</ul>`);
}
