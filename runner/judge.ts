import { clusterLives } from './cluster-lanes.ts';
import { judgeRecorded, type JudgedConsistency, type RecordedHistory } from './consistency/judge-recorded.ts';
import { isOpen, verdictOf } from './headline.ts';
import { readHistory, type FaultHistory, type History } from './history.ts';
import type { Entry } from './journal.ts';
import { instanceLives, judgedProbe, leaderTimeline } from './lanes.ts';
import { observationsOf } from './observations.ts';
import { scoreOf } from './score.ts';
import { judgeSlo } from './slo/judge-slo.ts';
import { partOf } from './slo/part-of-run.ts';
import { count, time } from './slo/words.ts';
import { judgedLoad } from './traffic/judged-loads.ts';
import { failedIn } from './traffic/window-value.ts';
import type { JudgedFault, JudgedLoad, JudgedRun, JudgedSlo, Recovery } from './verdict.ts';
import { waterfall } from './waterfall.ts';

export interface JudgeOptions {
  /** The histories that probes have recorded beside the journal, by probe. */
  readonly recorded?: ReadonlyMap<string, RecordedHistory>;
  /** Whether the run has each answer on its own. */
  readonly observations?: boolean;
}

/**
 * Judges a run: a pure function of its journal, and of the histories that its probes have recorded beside it, so that an old
 * run can be judged again. Takes a journal that was cut off anywhere behind its first entry: then the run did not end, and is
 * never held.
 *
 * @throws ExpectedError when there is no `run.started` among the entries
 */
export const judge = (entries: Iterable<Entry>, options: JudgeOptions = {}): JudgedRun => judgeHistory(readHistory(entries), options);

/** The same, of a journal that has been read. */
export function judgeHistory(history: History, { recorded, observations = false }: JudgeOptions): JudgedRun {
  const consistency = history.recorded.map(({ probe }) => judgeRecorded(probe, recorded?.get(probe) ?? { why: 'its history is not there' }, history.firstFaultAt));
  const { started, ended, endMs, milestones, plan } = history;
  const { scenario } = started;
  const recoveries = waterfall(history);
  const slos = judgeSlos(history, recoveries, consistency);
  const loads = history.loads.map((load) => judgedLoad(load, history));
  const verdict = verdictOf(history, slos);
  return {
    schemaVersion: 1,
    run: {
      id: started.run,
      drill: scenario.name,
      title: scenario.title,
      why: scenario.why,
      tags: scenario.tags,
      firedrillVersion: started.firedrill,
      nodeVersion: started.node,
      seed: started.seed,
      command: started.command,
      startedAt: history.startedAt,
      endedAt: history.endedAt,
      firstFaultAt: history.firstFaultAt,
      startMs: history.startMs,
      endMs,
      outcome: ended?.outcome ?? null,
      outcomeReason: ended?.reason ?? 'the journal stops before the run ended',
    },
    verdict,
    score: scoreOf(slos, verdict.value),
    environment: started.environment,
    scenario,
    plan,
    slos,
    phases: history.phases,
    faults: history.faults.map(judgedFault),
    probes: history.probes.map(judgedProbe),
    leader: leaderTimeline(milestones, endMs),
    lives: [...instanceLives(milestones, plan, endMs), ...clusterLives(milestones, endMs)],
    waterfall: recoveries,
    milestones,
    notes: notesOf(history, loads),
    ...(history.calls ? { calls: history.calls } : {}),
    ...(loads.length > 0 ? { loads } : {}),
    ...(history.changes.length > 0 ? { changes: history.changes } : {}),
    ...(observations ? { observations: observationsOf(history) } : {}),
    ...(consistency.length > 0 ? { consistency } : {}),
  };
}

function judgeSlos(history: History, recoveries: readonly Recovery[], consistency: readonly JudgedConsistency[]): JudgedSlo[] {
  const { scenario } = history.started;
  return scenario.slos.map((slo) => {
    const probe = history.probes.find(({ name }) => name === slo.probe);
    const nothing = { name: slo.probe, kind: 'unknown', everyMs: 1_000, timeoutMs: 1_000, streams: [] };
    return judgeSlo({
      slo,
      probe: probe ?? nothing,
      window: partOf(history, recoveries, slo.during),
      faults: history.faults,
      stableForMs: scenario.recovery.stableFor,
      blind: history.blind,
      consistency: consistency.find((one) => one.probe === slo.probe),
    });
  });
}

function judgedFault(fault: FaultHistory): JudgedFault {
  const { id, kind, says, sum, targets, intentMs, injectedMs, error, undone } = fault;
  return { id, kind, says, sum, targets, intentMs, injectedMs, error, undone, open: isOpen(fault) };
}

/** A load of which more is missing is another one. */
const unsentShare = 0.01;

function notesOf({ notes, blind, ended, endMs, calls }: History, loads: readonly JudgedLoad[]): JudgedRun['notes'] {
  const all = [...notes];
  const first = blind[0];
  if (first) {
    const longest = Math.max(...blind.map(({ from, to }) => to - from));
    const whole = blind.reduce((sum, { from, to }) => sum + (to - from), 0);
    const text = `firedrill itself stood still and could not look: ${count(blind.length, 'time')}, ${time(longest)} at the longest, ${time(whole)} in all`;
    all.push({ atMs: first.from, text });
  }
  if (calls) {
    const actions = Object.entries(calls.byAction).sort((a, b) => b[1] - a[1]);
    const sum = actions.reduce((total, [, made]) => total + made, 0);
    const list = actions.map(([action, made]) => `${action} ${made}`).join(', ');
    all.push({ atMs: endMs, text: `${count(sum, 'call')} to AWS, ${calls.mostInASecond} in the busiest second: ${list}` });
  }
  for (const one of loads) {
    const due = one.ok + one.unknown + failedIn(one);
    if (one.unknown <= unsentShare * due) continue;
    all.push({ atMs: endMs, text: `load ${one.load}, endpoint ${one.endpoint}${one.copiedTo === undefined ? '' : `, its copy to ${one.copiedTo}`}: ${one.unknown} of ${count(due, 'request')} were not sent, as firedrill could not keep pace: the platform had less to bear than the drill says` });
  }
  if (!ended) all.push({ atMs: endMs, text: 'the journal stops here: the run did not end' });
  return all.sort((a, b) => a.atMs - b.atMs);
}
