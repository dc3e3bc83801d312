import { formatDuration } from '../../scenarios/duration.ts';
import { outsideHours } from '../../runner/calendar.ts';
import type { Clock } from '../../runner/clock.ts';
import { exitCodes, messageOf } from '../../runner/errors.ts';
import { announcementText, dayText } from '../../runner/gameday/announcement.ts';
import type { DayBodies, DayEntry, SkippedFor } from '../../runner/gameday/day.ts';
import type { DayJournal } from '../../runner/gameday/day-file.ts';
import type { PlannedDrill } from '../../runner/gameday/draw.ts';
import { progressOf } from '../../runner/gameday/judge-day.ts';
import { afterDrill } from '../../runner/gameday/next.ts';
import { askGo, NobodyThere } from './ask-go.ts';
import type { Conversation } from './conversation.ts';
import { countDown } from './count-down.ts';
import type { DrillRunner } from './drill-runner.ts';
import { watchDrill } from './watch-drill.ts';

export interface ConductInput {
  /** Of a day that has started; what it has behind it is not done again. */
  readonly journal: DayJournal;
  readonly conversation: Conversation;
  readonly drills: DrillRunner;
  readonly clock: Clock;
  /** Aborts when the day is to end: Ctrl-C, SIGTERM. */
  readonly interrupt: AbortSignal;
  /** With --yes: all questions are go, and the record says that nobody was asked. */
  readonly unattended: boolean;
  /** What ends a drill from any terminal, and what puts back what this run has left. */
  readonly stopCommand: string;
  recoverCommand(run: string | null): string;
  /** Called after each step: the report is written then. */
  onStep(): Promise<void>;
}

type End = DayBodies['day.ended'];

/**
 * Leads through the day, from the announcement to its end, whatever that is. The journal says all of it.
 *
 * @throws ExpectedError when the journal can't be written
 */
export async function conduct(input: ConductInput): Promise<void> {
  const { journal, interrupt } = input;
  try {
    await journal.append('day.ended', await new Day(input).through());
  } catch (error) {
    const isForeseen = interrupt.aborted || error instanceof NobodyThere;
    const outcome = interrupt.aborted ? 'interrupted' : isForeseen ? 'stopped' : 'failed';
    await journal.append('day.ended', { outcome, reason: messageOf(interrupt.aborted ? interrupt.reason : error) });
    if (!isForeseen) throw error;
  }
}

class Day {
  readonly #input: ConductInput;
  readonly #started: DayEntry & { type: 'day.started' };
  /** Where typed notes belong: the step, and when its run's clock began. */
  #now: { step: number | null; runOriginMs: number | null } = { step: null, runOriginMs: null };

  constructor(input: ConductInput) {
    this.#input = input;
    this.#started = input.journal.entries[0] as DayEntry & { type: 'day.started' };
    input.conversation.onLine((line) => this.#note(line));
  }

  async through(): Promise<End> {
    const { journal, interrupt, onStep } = this.#input;
    const { steps, gameday } = this.#started;
    const { next, cutOff } = progressOf(journal.entries);
    if (!journal.entries.some(({ type }) => type === 'announcement')) await this.#announce();
    const isTold = journal.entries.some((entry) => entry.type === 'decision' && entry.step === null && entry.go);
    if (gameday.tell.length > 0 && !isTold) {
      if (!(await this.#ask(null, 'step', 'Has everybody been told? Go or no-go for the day?'))) return stopped('no-go for the day');
    }
    if (cutOff) {
      const told = await this.#cutOff(cutOff.step, cutOff.run);
      if (!(await this.#ask(cutOff.step, 'going on', `${told}; go on with the day?`))) return stopped('no-go after a drill that was cut off');
    }
    for (const [step, planned] of steps.entries()) {
      if (step < next) continue;
      interrupt.throwIfAborted();
      this.#now = { step, runOriginMs: null };
      const end = planned.kind === 'pause' ? await this.#pause(step, planned.forMs) : planned.kind === 'question' ? await this.#question(step, planned.ask) : await this.#drill(step, planned);
      interrupt.throwIfAborted();
      await onStep();
      if (end) return end;
    }
    return { outcome: 'finished', reason: 'all that was planned has been gone through' };
  }

  async #announce(): Promise<void> {
    const { journal, conversation, clock, stopCommand } = this.#input;
    const { gameday, environment, seed, steps } = this.#started;
    const text = announcementText({ gameday, environment, seed, steps, wallMs: clock.wall(), stopCommand });
    conversation.say(`To copy, for those who have to be told:\n\n${text}\n`);
    await journal.append('announcement', { text });
  }

  async #pause(step: number, forMs: number): Promise<undefined> {
    const { journal, conversation, clock, interrupt } = this.#input;
    await journal.append('pause', { step, forMs });
    conversation.say(`\nPause of ${formatDuration(forMs)}, until ${new Date(clock.wall() + forMs).toISOString().slice(11, 19)} UTC. What you type is kept as a note.`);
    await clock.sleep(forMs, interrupt);
    await journal.append('pause.ended', { step });
  }

  async #question(step: number, text: string): Promise<End | undefined> {
    return (await this.#ask(step, 'step', text)) ? undefined : stopped(`no-go: ${text}`);
  }

  async #drill(step: number, drill: PlannedDrill): Promise<End | undefined> {
    const { journal, conversation, drills, clock, interrupt } = this.#input;
    const all = this.#started.steps.flatMap((one, index) => (one.kind === 'drill' ? [index] : []));
    conversation.say(`\nDrill ${all.indexOf(step) + 1} of ${all.length}: ${drill.title} (${drill.drill}, seed ${drill.seed})\nLooking at what would be hit, and whether that is safe …`);
    const look = await drills.look(drill, interrupt);
    if (look.text !== '') conversation.say(look.text);
    if (look.code !== exitCodes.held) {
      const why = look.said.join(' ') || `firedrill plan ended with exit code ${look.code}`;
      await this.#skip(step, 'refused', why, look.code);
      return (await this.#ask(step, 'going on', `“${drill.title}” can not be run; go on with the day?`)) ? undefined : stopped(`no-go after “${drill.title}” could not be run`);
    }
    if (await this.#isOutside(step, look.takesMs)) return undefined;
    if (!(await this.#ask(step, 'step', drill.ask ?? `Go or no-go for “${drill.title}”?`))) {
      await this.#skip(step, 'no-go', 'no-go', exitCodes.inconclusive);
      return drill.onNoGo === 'end' ? stopped(`no-go for “${drill.title}”, which ends the day`) : undefined;
    }
    await journal.append('countdown', { step, forMs: drill.countdownMs });
    await countDown(drill.countdownMs, `“${drill.title}” begins`, clock, (text) => conversation.say(text), interrupt);
    // The question may have been talked over for long.
    if (await this.#isOutside(step, look.takesMs)) return undefined;

    await journal.append('drill.begun', { step, plan: look.hash });
    conversation.say('It begins. What you type is kept as a note, with its time.');
    const watched = watchDrill(step, journal, conversation, (runOriginMs) => (this.#now = { step, runOriginMs }));
    const end = await drills.run(drill, look.hash, watched.events, interrupt);
    await watched.written();
    this.#now = { step, runOriginMs: null };
    const told = await this.#conclude(step, end, watched.run());
    interrupt.throwIfAborted();
    const next = afterDrill(end.code, drill.onBroken);
    if (next === 'go-on') return undefined;
    if (next === 'stop') return stopped(told);
    return (await this.#ask(step, 'going on', `${told}; go on with the day?`)) ? undefined : stopped(`no-go after “${drill.title}”`);
  }

  /** A drill that was under way when the day was killed: its own journal says what came of it. */
  async #cutOff(step: number, runId: string | null): Promise<string> {
    const run = runId === null ? null : await this.#input.drills.judged(runId);
    return this.#conclude(step, { code: run?.ended ? run.verdict.exitCode : null, signal: null, said: ['the day was killed while it was under way'], run }, runId);
  }

  /** Writes down how a drill ended, and says what to do where something may be left. Returns it in a sentence without its stop. */
  async #conclude(step: number, end: Omit<DayBodies['drill.ended'], 'step'>, run: string | null): Promise<string> {
    const { journal, conversation, recoverCommand } = this.#input;
    await journal.append('drill.ended', { step, ...end });
    const { title } = this.#started.steps[step] as PlannedDrill;
    const how = end.code === null ? 'was killed' : `ended with exit code ${end.code}${end.run ? `: ${end.run.verdict.headline.replace(/\.$/, '')}` : ''}`;
    const told = `“${title}” ${how}`;
    conversation.say(told);
    const mayBeLeft = end.code === null ? run !== null : (end.run?.open.length ?? 0) > 0;
    if (mayBeLeft) conversation.say(`Something may still be broken. Put it back, and check by hand: ${recoverCommand(run)}`);
    return told;
  }

  async #isOutside(step: number, takesMs: number): Promise<boolean> {
    const reasons = outsideHours(this.#started.gameday, { wallMs: this.#input.clock.wall(), takesMs });
    if (reasons.length > 0) await this.#skip(step, 'hours', reasons.join('; '), exitCodes.refused);
    return reasons.length > 0;
  }

  async #skip(step: number, because: SkippedFor, why: string, code: number): Promise<void> {
    await this.#input.journal.append('step.skipped', { step, because, why, code });
    this.#input.conversation.say(`Not run: ${why}`);
  }

  #ask(step: number | null, about: 'step' | 'going on', text: string): Promise<boolean> {
    return askGo({ ...this.#input, step, about, text });
  }

  #note(line: string): void {
    const { journal, clock, conversation } = this.#input;
    const text = line.trim();
    if (text === '') return;
    const { step, runOriginMs } = this.#now;
    journal.append('note', { step, text, runMs: runOriginMs === null ? null : clock.wall() - runOriginMs }).catch((error: unknown) => conversation.say(messageOf(error)));
  }
}

function stopped(reason: string): End {
  return { outcome: 'stopped', reason };
}

/** What the day begins with: what it is, and what is planned. */
export function openingText({ gameday, environment, seed, steps, unattended }: DayBodies['day.started'], folder: string): string {
  return [
    `Game day: ${gameday.title}, in ${environment}, with seed ${seed}`,
    `Its journal and its report: ${folder}`,
    ...(unattended ? ['Nobody is asked anything (--yes), and the record says so.'] : []),
    '',
    'Planned:',
    ...dayText(steps),
    '',
  ].join('\n');
}
