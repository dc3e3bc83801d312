import { accountOf } from './account.ts';
import { RunsFolder } from './firedrill.ts';
import { sharedLab } from './shared-lab.ts';

/** What a test in the lab has. */
export interface LabUnderTest {
  /** The lab's name. */
  readonly lab: string;
  /** A folder for the runs of this test, which goes with it. */
  readonly runs: RunsFolder;
  /** The account as it was when the test began. */
  readonly before: unknown;
}

/**
 * Called in a `describe`: each of its tests begins with a lab that is whole, and leaves no runs behind.
 *
 * @param lend which lab; the one without Kubernetes when left out
 */
export function eachInLab(begin: (test: LabUnderTest) => void, lend: () => Promise<string> = sharedLab): void {
  let runs: RunsFolder | undefined;
  beforeEach(async () => {
    const lab = await lend();
    runs = new RunsFolder();
    begin({ lab, runs, before: await accountOf(lab) });
  });
  afterEach(() => runs?.remove());
}
