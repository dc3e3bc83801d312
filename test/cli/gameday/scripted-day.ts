import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conduct } from '../../../cli/gameday/conduct.ts';
import type { Conversation } from '../../../cli/gameday/conversation.ts';
import type { DrillEnd, DrillEvents, DrillRunner, Look } from '../../../cli/gameday/drill-runner.ts';
import { dayVersion, type DayRun } from '../../../runner/gameday/day.ts';
import { openDay, readDay } from '../../../runner/gameday/day-file.ts';
import { planDay } from '../../../runner/gameday/draw.ts';
import { judgeDay, type JudgedDay } from '../../../runner/gameday/judge-day.ts';
import { createMask } from '../../../runner/mask.ts';
import type { Entry, EntryBodies, EntryType } from '../../../runner/journal.ts';
import { loadGameday } from '../../../scenarios/gameday.ts';
import { simulatedClock, type SimulatedClock } from '../../runner/simulated-clock.ts';
import { sampleEnvironment } from '../../runner/sample-platform.ts';
import { sampleScenario } from '../../runner/sample-scenario.ts';

/** What a drill of the script does: how it ends, and what happens while it runs. */
export interface ScriptedDrill {
  readonly look?: Partial<Look>;
  readonly end?: Partial<DrillEnd>;
  during?(day: ScriptedDay, events: DrillEvents): Promise<void>;
}

/** A line that is answered to the next question; a function does something else in its place. */
export type Reply = string | null | ((day: ScriptedDay) => Promise<string | null> | string | null);

/** A day with people and drills of a script, on a clock that stands still until it is moved. */
export class ScriptedDay {
  readonly clock: SimulatedClock;
  readonly folder = mkdtempSync(join(tmpdir(), 'firedrill-day-'));
  readonly said: string[] = [];
  readonly asked: string[] = [];
  /** Which drills were looked at and run, in order. */
  readonly done: string[] = [];
  readonly interrupt = new AbortController();
  readonly drills = new Map<string, ScriptedDrill>();
  replies: Reply[] = [];
  unattended = false;
  note: (line: string) => void = () => {};
  readonly #when: { readonly says: RegExp; readonly task: () => void }[] = [];
  #runs = 0;

  constructor(wallMs = Date.UTC(2026, 0, 2, 3, 4, 5)) {
    this.clock = simulatedClock(1_000, wallMs);
  }

  /** @param text of the game day behind its name and title */
  async begin(text: string, seed = 7): Promise<void> {
    const gameday = loadGameday(`name: day\ntitle: A day\n${text}`, 'day.yaml');
    const steps = planDay(gameday, { named: (drill) => ({ drill, title: `Lose ${drill}`, tags: [] }), catalogue: [] }, seed);
    const journal = await openDay({ folder: this.folder, clock: this.clock, mask: createMask() });
    await journal.append('day.started', {
      version: dayVersion, day: 'the-day', firedrill: '0.1.0', node: '24.0.0', command: 'firedrill gameday run day.yaml', seed, gameday, file: 'day.yaml',
      environment: 'staging', platform: { env: 'staging.yaml' }, by: 'kim@desk', steps, unattended: this.unattended,
    });
    await journal.close();
  }

  /** Leads through what is left of the day, and tells what came of it. */
  async lead(): Promise<JudgedDay> {
    const journal = await openDay({ folder: this.folder, clock: this.clock, mask: createMask(), again: true });
    try {
      await this.clock.until(
        conduct({
          journal, conversation: this.#conversation(), drills: this.#runner(), clock: this.clock, interrupt: this.interrupt.signal, unattended: this.unattended,
          stopCommand: 'firedrill stop', recoverCommand: (run) => `firedrill recover ${run ?? ''}`.trim(), onStep: async () => {},
        }),
      );
    } finally {
      await journal.close();
    }
    return judgeDay(await readDay(this.folder));
  }

  /** An entry of the journal of the run that is under way. */
  entry<T extends EntryType>(type: T, body: Partial<EntryBodies[T]>): Entry {
    return { seq: 0, at: new Date(this.clock.wall()).toISOString(), t: 0, type, ...body } as unknown as Entry;
  }

  /** Does something once these words are shown: time passes while files are written, so nothing is set by the clock before. */
  when(says: RegExp, task: () => void): void {
    this.#when.push({ says, task });
  }

  text(): string {
    return this.said.join('\n');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  #conversation(): Conversation {
    return {
      say: (text) => {
        this.said.push(text);
        for (const { says, task } of this.#when) if (says.test(text)) task();
      },
      ask: async (prompt, stop) => {
        this.asked.push(prompt);
        stop.throwIfAborted();
        const reply = this.replies.shift();
        if (reply === undefined) throw new Error(`nobody has an answer to: ${this.said.at(-1)} ${prompt}`);
        const line = typeof reply === 'function' ? await reply(this) : reply;
        stop.throwIfAborted();
        return line;
      },
      onLine: (listener) => void (this.note = listener),
      close() {},
    };
  }

  #runner(): DrillRunner {
    return {
      look: async ({ drill }, stop) => {
        stop.throwIfAborted();
        this.done.push(`look ${drill}`);
        return { code: 0, said: [], text: `it would hit ${drill}`, hash: `hash-of-${drill}`, takesMs: 600_000, ...this.drills.get(drill)?.look };
      },
      run: async ({ drill }, plan, events) => {
        this.done.push(`run ${drill} as ${plan}`);
        this.#runs += 1;
        const run = `run-${this.#runs}`;
        const { during, end } = this.drills.get(drill) ?? {};
        events.onEntry(this.entry('run.started', { run, scenario: sampleScenario(), seed: 1, environment: sampleEnvironment() }));
        await during?.(this, events);
        return { code: 0, signal: null, said: [], run: ranAs(run), ...end };
      },
      judged: async (run) => ranAs(run, { ended: false }),
    };
  }
}

/** What a day keeps of a run that held. */
export function ranAs(id: string, changes: Partial<DayRun> = {}): DayRun {
  return {
    id, startedAt: '2026-01-02T03:04:05.000Z', endedAt: '2026-01-02T03:06:05.000Z', firstFaultAt: null, ended: true, open: [],
    verdict: { value: 'held', exitCode: 0, headline: 'Held: writes were away for 1.24 s.' },
    slos: [{ name: 'writes are back within 5 s', verdict: 'held', objective: 'longest outage at most 5 s', measured: '1.24 s ± 0.02 s', margin: '3.76 s to spare', reason: '' }],
    ...changes,
  };
}

export function brokenAs(id: string): DayRun {
  const held = ranAs(id);
  return { ...held, verdict: { value: 'broken', exitCode: 1, headline: 'Broken: “writes are back within 5 s”: 12 s.' }, slos: held.slos.map((slo) => ({ ...slo, verdict: 'broken' as const, measured: '12 s' })) };
}
