import { appendFileSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { plainStyle, type Style } from '../../reports/format.ts';
import { annotations, stepSummary } from '../../reports/gate/github.ts';
import { endedLine, gateText, nameOfRun } from '../../reports/gate/text.ts';
import { whyOf } from '../../reports/gate/words.ts';
import { ExpectedError, messageOf } from '../../runner/errors.ts';
import type { GateEvent } from '../../runner/gate/drive.ts';
import type { GateResult } from '../../runner/gate/result.ts';
import { styleFor } from '../write-reports.ts';

/** Shows a gate as it goes. */
export interface GateOutput {
  onEvent(event: GateEvent): void;
  end(result: GateResult, paths: readonly string[]): void;
}

/** A line for each run as it ends, and a table in the end; with `json` a JSON object a line. */
export async function gateOutput(out: NodeJS.WriteStream, { json, all }: { json: boolean; all: number }): Promise<GateOutput> {
  return json ? jsonOutput(out) : textOutput(out, all, (await styleFor(out)) ?? plainStyle);
}

function textOutput(out: NodeJS.WriteStream, all: number, style: Style): GateOutput {
  const print = (line: string): void => void out.write(`${line}\n`);
  let done = 0;
  return {
    onEvent(event) {
      if (event.type === 'ended') print(endedLine(event.ended, (done += 1), all, style));
      if (event.type === 'waiting') print(style.faint(`  waiting until the environment is whole: ${event.lacks.join('; ')}`));
      // What is under way is of interest where somebody looks on.
      if (event.type === 'begun' && out.isTTY) print(style.faint(`  ${nameOfRun(event.planned)} …`));
    },
    end(result, paths) {
      out.write(`\n${gateText(result, style)}`);
      if (paths.length > 0) out.write(`\n${paths.map((path) => `${path}\n`).join('')}`);
    },
  };
}

function jsonOutput(out: NodeJS.WriteStream): GateOutput {
  const print = (type: string, body: object): void => void out.write(`${JSON.stringify({ type, ...body })}\n`);
  return {
    onEvent(event) {
      switch (event.type) {
        case 'begun':
          return print('run.begun', { drill: event.planned.drill.id, round: event.planned.round });
        case 'ended': {
          const { drill, round, run, exitCode, startedAt, tookMs, judged } = event.ended;
          const slos = judged?.slos.map(({ name, verdict, measured, times }) => ({ name, verdict, measured, times })) ?? [];
          return print('run.ended', { drill: drill.id, round, run, exitCode, startedAt, tookMs, why: whyOf(event.ended), slos });
        }
        case 'waiting':
          return print('waiting', { environment: event.environment, lacks: event.lacks });
        case 'not-run':
          return print('run.not-run', { drill: event.notRun.drill.id, round: event.notRun.round, why: event.notRun.why });
      }
    },
    end({ runs, notRun, ...rest }, paths) {
      print('gate.ended', { ...rest, runs: runs.length, notRun: notRun.length, paths });
    },
  };
}

/** That the JUnit file can be written, before anything is run for it. @throws ExpectedError */
export function requireWritable(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(path, 'a'));
  } catch (error) {
    throw new ExpectedError(`--junit ${path} can't be written: ${messageOf(error)}`);
  }
}

/** What GitHub is told, where the gate runs there: a summary of the step, and what broke beside the drills' lines. */
export function tellGitHub(result: GateResult, variables: NodeJS.ProcessEnv, out: NodeJS.WriteStream): void {
  const summary = variables['GITHUB_STEP_SUMMARY'];
  if (summary !== undefined && summary !== '') appendFileSync(summary, stepSummary(result));
  if (variables['GITHUB_ACTIONS'] === 'true') for (const line of annotations(result)) out.write(`${line}\n`);
}
