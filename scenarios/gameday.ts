import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { z } from 'zod';
import { blackoutSchema, timeZoneSchema, windowSchema } from './calendar.ts';
import { cronProblem } from './cron.ts';
import { loadDocument, readDocument, type DocumentKind } from './document.ts';
import { duration, identifier, positiveDuration } from './values.ts';

/** Drills that are drawn: so many, of those of the catalogue that have a tag, or of those named. */
export interface Draw {
  readonly pick: number;
  readonly of: { readonly tag: string } | { readonly drills: readonly string[] };
}

const drawHelp = 'give a draw such as pick 2 of tag:zone, or pick 1 of etcd-leader-loss, drills/own.yaml';
const drawPattern = /^pick ([1-9]\d?) of (?:tag:([a-z][a-z0-9-]*)|([^\s,:]+(?:, ?[^\s,:]+)*))$/;

const draw = z.codec(z.string({ error: drawHelp }).regex(drawPattern, { error: drawHelp, abort: true }), z.custom<Draw>(), {
  decode: (text) => {
    const [, pick, tag, drills] = drawPattern.exec(text)!;
    return { pick: Number(pick), of: tag === undefined ? { drills: drills!.split(/, ?/) } : { tag } };
  },
  encode: drawText,
}).refine(({ pick, of }) => !('drills' in of) || pick <= of.drills.length, { error: 'it picks more than it names' })
  .meta({ id: 'draw', description: 'Drills that are drawn, by the seed of the day: pick 2 of tag:zone, or pick 1 of <names or paths, with commas>' });

const drillName = z.string().min(1).describe('A drill: its name in the catalogue, or the path of its file, from the folder of this file');
const settings = z
  .record(identifier, z.union([z.string(), z.number(), z.boolean()], { error: 'give a text, a number, or true or false' }))
  .describe("Values for the drill's parameters");

/** What to do on a broken SLO. */
export const onBrokenWords = ['stop', 'ask', 'go-on'] as const;
export type OnBroken = (typeof onBrokenWords)[number];
/** What a no-go means: this drill is left out, or the day is over. */
export const onNoGoWords = ['skip', 'end'] as const;
export type OnNoGo = (typeof onNoGoWords)[number];

const onBroken = z.enum(onBrokenWords).describe('When a drill breaks an SLO or is aborted: stop the day, ask whether to go on, or go on');
const onNoGo = z.enum(onNoGoWords).describe('What a no-go means: skip this drill, or end the day');
const countdown = duration.describe('How long is counted down before a drill, once it is a go');

const stepForms = ['drill', 'draw', 'pause'] as const;

function formsOf(step: Readonly<Partial<Record<(typeof stepForms)[number], unknown>>>): number {
  return stepForms.filter((form) => step[form] !== undefined).length;
}

/** One thing after another: a drill, drills that are drawn, a pause, or a question that stands alone. */
const stepSchema = z
  .strictObject({
    drill: drillName.optional(),
    draw: draw.optional(),
    pause: positiveDuration.optional().describe('Nothing is done for this long; typed notes are kept'),
    ask: z.string().min(1).optional().describe('The go/no-go question before this drill; alone, a question after which a no-go ends the day'),
    set: settings.optional(),
    countdown: countdown.optional(),
    onBroken: onBroken.optional(),
    onNoGo: onNoGo.optional(),
  })
  .refine((step) => formsOf(step) === 1 || (formsOf(step) === 0 && step.ask !== undefined), {
    error: `give exactly one of ${stepForms.join(', ')}, or ask alone`,
  })
  .refine((step) => step.set === undefined || step.drill !== undefined, { path: ['set'], error: 'it goes only with drill' })
  .refine((step) => [step.countdown, step.onBroken, step.onNoGo].every((value) => value === undefined) || step.drill !== undefined || step.draw !== undefined, {
    error: 'countdown, onBroken and onNoGo go only with drill and draw: leave them out',
  })
  .refine((step) => step.pause === undefined || step.ask === undefined, { path: ['ask'], error: 'a pause asks nothing: give the question a place of its own, after it' });

const cron = z.string({ error: 'give a cron expression of five fields, such as 30 10 * * tue' }).superRefine((text, context) => {
  const problem = cronProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
}).describe('Minute, hour, day of the month, month and day of the week, as cron takes them');

/** A slot that comes again and again, for `firedrill gameday schedule`: nobody is asked then. */
const slotSchema = z
  .strictObject({
    name: identifier.describe('What it is called: its runs are counted by it'),
    cron,
    timeZone: timeZoneSchema.optional().describe("In which the cron expression is told; the file's own when left out"),
    jitter: positiveDuration.optional().describe('Each run begins up to this much later, by chance'),
    late: positiveDuration.default(15 * 60_000).describe('How much later than that it may still begin, when something was in the way; then it is missed. 15m when left out'),
    drills: z.array(z.strictObject({ drill: drillName, set: settings.optional() })).min(1).optional().describe('Run one after another'),
    draw: draw.optional(),
  })
  .refine((slot) => (slot.drills === undefined) !== (slot.draw === undefined), { error: 'give drills or draw, one of the two' });

/** `gameday.yaml`: a day on which drills are run while people look on, and what is run on a schedule. */
export const gamedaySchema = z
  .strictObject({
    name: identifier.describe('What runs, folders and schedules are called by'),
    title: z.string().min(1).describe('In one line'),
    why: z.string().min(1).optional().describe('What the day is to find out'),
    tell: z
      .array(z.strictObject({ who: z.string().min(1).describe('A person or a team'), where: z.string().min(1).optional().describe('Where they are reached, such as a channel') }))
      .default([])
      .describe('The people to tell before the day begins'),
    announcement: z.string().min(1).optional().describe('A text of your own in the announcement'),
    environment: z.string().min(1).optional().describe('The environment file, from the folder of this file; --env and --lab go before it'),
    timeZone: timeZoneSchema.optional().describe('In which windows, blackouts and the schedule are told'),
    windows: z.array(windowSchema).min(1).optional().describe('When drills may run, besides what the environment says: each has to end within them'),
    blackouts: z.array(blackoutSchema).optional().describe('When no drill may run, whatever the windows say'),
    countdown: countdown.default(10_000),
    onBroken: onBroken.default('ask'),
    onNoGo: onNoGo.default('skip'),
    drills: z.array(stepSchema).min(1).optional().describe('The day: drills, draws, pauses and questions, in order'),
    schedule: z.array(slotSchema).min(1).optional().describe('For firedrill gameday schedule'),
    betweenKills: positiveDuration.optional().describe('For the schedule: at least this long between two kills of the same group'),
  })
  .refine(({ timeZone, windows, blackouts }) => timeZone !== undefined || (!windows && !blackouts), {
    path: ['timeZone'],
    error: 'windows and blackouts are told in it: give the name of a time zone, such as Europe/Berlin or UTC',
  })
  .refine(({ timeZone, schedule = [] }) => timeZone !== undefined || schedule.every((slot) => slot.timeZone !== undefined), {
    path: ['timeZone'],
    error: 'the schedule is told in it: give the name of a time zone, such as Europe/Berlin or UTC',
  })
  .refine(({ drills, schedule }) => drills !== undefined || schedule !== undefined, { error: 'give drills for a day, a schedule, or both' })
  .refine(({ schedule = [] }) => new Set(schedule.map(({ name }) => name)).size === schedule.length, { path: ['schedule'], error: 'give each slot a name of its own' });

export type Gameday = z.output<typeof gamedaySchema>;
export type GamedayStep = NonNullable<Gameday['drills']>[number];
export type GamedaySlot = NonNullable<Gameday['schedule']>[number];

const gamedayKind: DocumentKind<typeof gamedaySchema> = { schema: gamedaySchema, what: 'the game day' };

/** @throws ScenarioError with all problems of the file, each with line and column */
export function loadGameday(text: string, file: string): Gameday {
  return loadDocument(text, file, gamedayKind);
}

/** @throws ScenarioError, also when it can't be read */
export async function readGameday(file: string): Promise<Gameday> {
  return readDocument(file, gamedayKind);
}

/** A draw as the file writes it: `pick 2 of tag:zone`. */
export function drawText({ pick, of }: Draw): string {
  return `pick ${pick} of ${'tag' in of ? `tag:${of.tag}` : of.drills.join(', ')}`;
}

/**
 * A drill or an environment as a game day names it, as the command line takes it: a path begins in the folder of the file
 * that says it; the name of a drill of the catalogue stays.
 *
 * @param file the game day's
 */
export function namedIn(file: string, nameOrPath: string): string {
  if (/^[a-z][a-z0-9-]*$/.test(nameOrPath) || isAbsolute(nameOrPath)) return nameOrPath;
  const path = relative('.', resolve(dirname(file), nameOrPath));
  if (path.startsWith('..')) return resolve(path);
  // What is in the working folder must not be taken for a name.
  return path.includes('/') || path.includes('.') ? path : `./${path}`;
}
