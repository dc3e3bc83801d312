import type { DayBodies, DayEntry, DayEntryType } from '../../../runner/gameday/day.ts';
import { planDay } from '../../../runner/gameday/draw.ts';
import { loadGameday } from '../../../scenarios/gameday.ts';
import { brokenAs, ranAs } from '../../cli/gameday/scripted-day.ts';

/** The journal of a day, each entry so many seconds after 10:00 UTC. */
export class DayBuilder {
  readonly entries: DayEntry[] = [];

  add<T extends DayEntryType>(atS: number, type: T, body: DayBodies[T]): this {
    this.entries.push({ seq: this.entries.length, at: new Date(Date.UTC(2026, 10, 24, 10, 0, 0) + atS * 1_000).toISOString(), t: atS * 1_000, type, ...body } as unknown as DayEntry);
    return this;
  }

  /** @param text that stands in all places that people or the platform fill */
  static begun(text = 'The autumn game day'): DayBuilder {
    const file = 'name: autumn\ntitle: x\nwhy: x\ndrills: [{ drill: one }, { drill: two }, { drill: three }, { draw: pick 1 of four }]\n';
    const steps = planDay(loadGameday(file, 'f'), { named: (drill) => ({ drill, title: text, tags: [] }), catalogue: [] }, 7);
    return new DayBuilder().add(0, 'day.started', {
      version: 1, day: '20261124T100000Z-gameday-7f3a', firedrill: '0.1.0', node: '24.21.0', command: `firedrill gameday run ${text} --seed 7`, seed: 7,
      gameday: { ...loadGameday(file, 'f'), title: text, why: text }, file: 'autumn.yaml', environment: text, platform: { env: 'staging.yaml' }, by: text, steps, unattended: false,
    });
  }
}

/** One drill of each kind of end: held, broken, refused, killed with the day. */
export function sampleDay(text?: string): DayEntry[] {
  const says = text ?? 'the graphs dip';
  const first = text === undefined ? ranAs('20261124T100100Z-one-0001', { firstFaultAt: '2026-11-24T10:01:30.000Z' }) : { ...ranAs(text), verdict: { value: 'held' as const, exitCode: 0 as const, headline: text }, slos: [{ name: text, verdict: 'held' as const, objective: text, measured: text, margin: text, reason: text }] };
  return DayBuilder.begun(text)
    .add(1, 'announcement', { text: text ?? 'Game day: The autumn game day\nTo: Payments on-call (#payments)' })
    .add(10, 'question', { step: 0, about: 'step', text: says })
    .add(20, 'answer', { step: 0, who: text ?? 'Kim', go: true, why: '' })
    .add(25, 'answer', { step: 0, who: text ?? 'Sam', go: true, why: text ?? 'all green' })
    .add(26, 'decision', { step: 0, about: 'step', go: true, by: 'people' })
    .add(26, 'countdown', { step: 0, forMs: 10_000 })
    .add(60, 'drill.begun', { step: 0, plan: '7-abc' })
    .add(61, 'drill.running', { step: 0, run: first.id })
    .add(90, 'drill.broke', { step: 0, faultAt: '2026-11-24T10:01:30.000Z', says })
    .add(95, 'note', { step: 0, text: says, runMs: 34_000 })
    .add(180, 'drill.ended', { step: 0, code: 0, signal: null, run: first, said: [] })
    .add(181, 'pause', { step: 1, forMs: 900_000 })
    .add(190, 'drill.begun', { step: 1, plan: '7-abc' })
    .add(260, 'drill.ended', { step: 1, code: 1, signal: null, run: brokenAs('20261124T100310Z-two-0002'), said: [] })
    .add(261, 'step.skipped', { step: 2, because: 'refused', why: text ?? 'etcd would lose its quorum: 9 - 2 - 3 < 5', code: 3 })
    .add(300, 'drill.begun', { step: 3, plan: '7-abc' })
    .add(301, 'drill.running', { step: 3, run: text ?? '20261124T100501Z-four-0004' }).entries;
}
