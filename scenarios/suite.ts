import { z } from 'zod';
import { identifier, percentage, positiveDuration } from './values.ts';

const parameterValue = z.union([z.string(), z.number(), z.boolean()], { error: 'give a text, a number, or true or false' });

/** More would take days, and the comparison gains nothing by them. */
export const mostRepeats = 50;
const repeats = z.int().min(1).max(mostRepeats);

const platform = z
  .strictObject({
    env: z.string().min(1).optional().describe("An environment file, from this file's folder"),
    lab: z.string().min(1).optional().describe('A lab that is up'),
  })
  .refine(({ env, lab }) => (env === undefined) !== (lab === undefined), { error: 'give env or lab, one of the two' });

/** A drill of a suite, and how it is run there. */
export const suiteDrillSchema = z.strictObject({
  drill: z.string().min(1).describe("The drill: its name in the catalogue, or its path from this file's folder"),
  id: identifier.optional().describe("What the rest of the suite and the baseline call it; the drill's name when left out"),
  set: z.record(identifier, parameterValue).default({}).describe("Values for the drill's parameters"),
  tags: z.array(identifier).default([]).describe('Besides the tags of the drill itself'),
  repeat: repeats.optional().describe("How often it is run, in place of the suite's"),
  slower: percentage.optional().describe("How much slower than the baseline is tolerated, in place of the suite's"),
  after: z.array(identifier).default([]).describe('Drills of this suite that run before this one in each round, and have ended when it begins'),
  in: identifier.optional().describe('The environment it runs in, one of environments; that of the command line when left out'),
  beside: z.array(identifier).default([]).describe('Drills of this suite, in other environments, that may run at the same time'),
});

/** What `firedrill gate` runs. */
export const suiteSchema = z.strictObject({
  name: identifier.describe('What reports call the suite'),
  title: z.string().min(1).optional().describe('What it is for, in one line'),
  environments: z.record(identifier, platform).default({}).describe('Platforms besides the one that is named on the command line'),
  repeat: repeats.default(1).describe('How often each drill is run; 1 when left out'),
  slower: percentage.default(0.1).describe('How much slower than the baseline is tolerated; 10% when left out'),
  within: positiveDuration.optional().describe('The time for the whole: what was not begun by then is not run, and what is under way is ended'),
  whole: z
    .strictObject({ within: positiveDuration.default(300_000).describe('How long the environment may take to be whole again after a drill; 5m when left out') })
    .prefault({})
    .describe('What must hold between drills'),
  baseline: z.string().min(1).optional().describe("The baseline, from this file's folder: a file, or a folder of them"),
  drills: z.array(suiteDrillSchema).min(1).describe('In the order in which they are run, but for what their after says'),
  gate: z
    .strictObject({
      paths: z
        .record(z.string().min(1), z.array(identifier).min(1))
        .default({})
        .describe('With --changed: globs of changed files, from the top of the repository, each with the drills or tags that they call for'),
    })
    .prefault({})
    .describe('Which changes call for which drills'),
});

type Checked = z.output<typeof suiteSchema>;

export type SuiteDrill = Omit<Checked['drills'][number], 'id'> & {
  readonly id: string;
  /** Where it stands in the suite's file, from 1; null where there is no such file. */
  readonly line: number | null;
};
export type Suite = Omit<Checked, 'drills'> & { readonly drills: readonly SuiteDrill[] };
export type SuitePlatform = Checked['environments'][string];
