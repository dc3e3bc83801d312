import { labReset, labSabotage } from '../../lab/index.ts';
import { expectEnded, firedrill, type Ended, type RunsFolder } from './firedrill.ts';

export interface JudgedDrill {
  readonly lab: string;
  readonly runs: RunsFolder;
  readonly drill: string;
  /** What is wrong with the lab; nothing when left out. */
  readonly sabotage?: readonly string[];
  /** Values for its parameters, `name=value`. */
  readonly set?: readonly string[];
  readonly options?: readonly string[];
}

/** Exit code of a run without a verdict. */
const inconclusive = 4;

const mostTries = 3;

/**
 * Runs a drill on a lab that is whole but for its sabotage, and expects how it ends. A run that can't tell is asked again,
 * and that is printed: where the machine kept the harness waiting it has to say so, and has judged nothing. A wrong verdict
 * is never asked again.
 */
export async function runToVerdict(exit: number, { lab, runs, drill, sabotage = [], set = [], options = [] }: JudgedDrill): Promise<Ended> {
  const args = ['run', drill, '--lab', lab, '--out', runs.path, ...set.flatMap((one) => ['--set', one]), ...options];
  for (let tries = 1; ; tries += 1) {
    for (const one of sabotage) await labSabotage(lab, one, true);
    const ended = await firedrill(...args);
    if (ended.code !== inconclusive || tries === mostTries) return expectEnded(exit, args, ended);
    process.stdout.write(`      ${drill} could not tell, and is run again: ${runs.report().verdict.headline}\n`);
    await labReset(lab);
  }
}
