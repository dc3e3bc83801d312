import { exitCodes, type ExitCode } from './errors.ts';
import type { Target } from './fault.ts';
import type { FaultHistory, History } from './history.ts';
import type { Outcome } from './journal.ts';
import { shortName } from './roles.ts';
import type { JudgedRun, JudgedSlo, VerdictValue } from './verdict.ts';
import { count } from './slo/words.ts';

/**
 * The verdict on a whole run: the worst of its SLOs, and never `held` when the run did not come to its own end, or its journal
 * has lost a part. The exit code follows the verdict, unless how the run ended weighs more.
 */
export function verdictOf(history: History, slos: readonly JudgedSlo[]): JudgedRun['verdict'] {
  const outcome = history.ended?.outcome ?? null;
  const worst: VerdictValue = (['broken', 'inconclusive'] as const).find((value) => slos.some((slo) => slo.verdict === value)) ?? 'held';
  const open = history.faults.filter(isOpen);
  const complete = outcome === 'finished' && open.length === 0 && history.gaps === 0;
  const value = complete || worst === 'broken' ? worst : 'inconclusive';
  return { value, exitCode: exitCodeOf(history, value, open.length > 0), headline: headlineOf(history, value, slos, open) };
}

/** Whether an undo record was written and no undo was verified: something may still be broken. */
export function isOpen(fault: FaultHistory): boolean {
  return fault.undoRecord !== null && fault.undone?.verified !== true;
}

function exitCodeOf({ ended, faults }: History, value: VerdictValue, open: boolean): ExitCode {
  if (open || ended?.outcome === 'not-undone') return exitCodes.notUndone;
  if (ended?.outcome === 'interrupted') return exitCodes.interrupted;
  // A fault that could not be injected is a stop condition of its own: the drill went no further.
  const brokeOff = ended?.outcome === 'failed' && faults.some(({ failedMs }) => failedMs !== null);
  if (ended?.outcome === 'aborted' || brokeOff) return exitCodes.aborted;
  return exitCodes[value];
}

const earlyEnds: Partial<Record<Outcome, string>> = {
  'no-baseline': 'Inconclusive: nothing was broken, as there was no steady baseline',
  aborted: 'Aborted, and everything undone',
  interrupted: 'Interrupted, and everything undone',
  failed: 'The run failed',
};

function headlineOf(history: History, value: VerdictValue, slos: readonly JudgedSlo[], open: readonly FaultHistory[]): string {
  const { ended, faults } = history;
  const broken = slos.filter((slo) => slo.verdict === 'broken');
  const also = broken.length > 0 ? ` Broken until then: ${broken.map((slo) => slo.name).join('; ')}.` : '';
  const left = open.map((fault) => `fault ${fault.id}${fault.undone ? ` (${fault.undone.said})` : ''}`).join(', ');
  if (ended === null) {
    const still = left ? ` Not undone: ${left}; use firedrill recover.` : '';
    return `Inconclusive: the run did not end, so this is only its beginning.${still}${also}`.replace(/^Inconclusive/, value === 'broken' ? 'Broken' : 'Inconclusive');
  }
  if (open.length > 0 || ended.outcome === 'not-undone') return sentence(`Not undone, a human is needed: ${ended.reason || left}`) + also;
  const early = earlyEnds[ended.outcome];
  if (early) return sentence(`${early}${ended.reason ? `: ${ended.reason}` : ''}`) + also;
  if (value === 'held') return heldBy(slos, faults);
  // A lie says more than that something is still down, which says more than a figure that is too close to call.
  const bad = slos.filter((slo) => slo.verdict === value).toSorted((a, b) => weightOf(b) - weightOf(a));
  const first = bad[0];
  if (!first && history.gaps > 0) return `Inconclusive: the journal has ${count(history.gaps, 'gap')}, and what is missing may be what broke.`;
  if (!first) return 'Inconclusive: there is no SLO that could be judged.';
  const more = bad.length > 1 ? ` (and ${count(bad.length - 1, 'more SLO')})` : '';
  if (value === 'inconclusive') {
    return sentence(`Inconclusive: “${first.name}”${more}: ${isStillBad(first) ? `${first.measured}; ` : ''}${first.reason}`);
  }
  return sentence(`Broken: “${first.name}”${more}: ${first.measured}${first.margin ? `, ${first.margin}` : ''}; ${first.reason}`);
}

function weightOf(slo: JudgedSlo): number {
  if (slo.form === 'consistent') return 2;
  return isStillBad(slo) ? 1 : 0;
}

function isStillBad({ measured }: JudgedSlo): boolean {
  return measured.startsWith('not good again');
}

/** What held, and the figures that were measured. */
function heldBy(slos: readonly JudgedSlo[], faults: readonly FaultHistory[]): string {
  const kept = slos.filter(({ form }) => form === 'always' || form === 'never').map(({ probe, form }) => `${probe} was ${form} good`);
  const timed = slos.find(({ form, used }) => form === 'longestOutage' && (used ?? 0) > 0);
  const recovered = slos.filter(({ form, used }) => form === 'recoversWithin' && (used ?? 0) > 0).sort((a, b) => b.used! - a.used!)[0];
  const figures = [
    ...kept,
    ...slos.filter(({ form }) => form === 'consistent').map(({ measured }) => `etcd told ${measured}`),
    ...(timed ? [`${timed.probe} ${are(timed.probe)} away for ${timed.measured}`] : []),
    ...(recovered ? [`${recovered.probe} ${are(recovered.probe)} back after ${recovered.measured}`] : []),
  ];
  const targets = faults.flatMap((fault) => fault.targets);
  const what = [
    ...named(targets.filter(isLost), 'lost'),
    ...named(targets.filter((target) => !isLost(target)), 'hit'),
  ];
  const all = slos.length > 1 ? `all ${slos.length} SLOs held` : 'the SLO held';
  return sentence(`Held: ${listed(figures) || all}${what.length > 0 ? `, with ${what.join(' and ')}` : ''}`);
}

/** A node that is drained and a workload that is changed are still there. */
function isLost({ kind, survives }: Target): boolean {
  return !survives && (kind === 'instance' || kind === 'pod');
}

/** The first few by name; machines of a group have one name, and are counted. */
function named(targets: readonly Target[], what: string): string[] {
  if (targets.length === 0) return [];
  const names = [...Map.groupBy(targets, calledOf)].map(([name, alike]) => ({ text: alike.length > 1 ? `${alike.length} × ${name}` : name, size: alike.length }));
  const shown = names.length > 4 ? names.slice(0, 3) : names;
  const more = names.slice(shown.length).reduce((sum, { size }) => sum + size, 0);
  return [`${listed([...shown.map(({ text }) => text), ...(more > 0 ? [`${more} more`] : [])])} ${what}`];
}

/** Nodes go by host names, which are long. */
function calledOf({ kind, name }: Target): string {
  return kind === 'node' ? shortName(name) : name;
}

function are(name: string): string {
  return name.endsWith('s') ? 'were' : 'was';
}

function listed(parts: readonly string[]): string {
  return parts.join(', ').replace(/, ([^,]*)$/, ' and $1');
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
