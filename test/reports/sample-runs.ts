import { readFileSync } from 'node:fs';
import { judge } from '../../runner/judge.ts';
import type { Entry } from '../../runner/journal.ts';
import type { JudgedRun } from '../../runner/verdict.ts';
import { brokenRun } from './sample/broken.ts';
import { abortedRun, noBaselineRun, unfinishedRun } from './sample/early-ends.ts';
import { heldRun } from './sample/held.ts';
import { requestsRun } from './sample/requests.ts';

export { abortedRun, brokenRun, heldRun, noBaselineRun, requestsRun, unfinishedRun };

/** A node of Kubernetes with its pods, lost in the lab. */
const nodeLossRun = judge(
  readFileSync(new URL('../journals/node-loss.ndjson', import.meta.url), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Entry),
  { observations: true },
);

/** By the name of their golden files. */
export const sampleRuns: Readonly<Record<string, JudgedRun>> = {
  held: heldRun,
  broken: brokenRun,
  'no-baseline': noBaselineRun,
  aborted: abortedRun,
  unfinished: unfinishedRun,
  'node-loss': nodeLossRun,
  requests: requestsRun,
};
