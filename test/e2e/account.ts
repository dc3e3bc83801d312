import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { labNormalForm } from '../../lab/index.ts';

const settlesWithinMs = 20_000;

/** The whole state of a lab's AWS, but for which machine it is that does a job: what a drill has to leave as it was. */
export const accountOf = (lab: string): Promise<unknown> => labNormalForm(lab);

/** Waits until the account is as it was: a group may still be forgetting an instance that it has replaced. */
export async function expectAccount(lab: string, before: unknown): Promise<void> {
  const deadline = Date.now() + settlesWithinMs;
  for (;;) {
    const now = await accountOf(lab);
    try {
      assert.deepEqual(now, before);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await wait(200);
  }
}
