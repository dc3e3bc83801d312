import { writeFile } from 'node:fs/promises';
import { realClock } from '../runner/clock.ts';
import { budgetOf } from '../runner/consistency/budget.ts';
import { checkEtcd } from '../runner/consistency/etcd/check.ts';
import { readHistory, type ReadHistory } from '../runner/consistency/read-history.ts';
import { judgePlain } from '../runner/consistency/search/judge.ts';
import type { Budget, Finding } from '../runner/consistency/verdict.ts';
import { ExpectedError, exitCodes, messageOf, type ExitCode } from '../runner/errors.ts';
import { counterexamplePicture } from '../reports/page/counterexample.ts';
import { parseDuration } from '../scenarios/duration.ts';
import { visibleLines } from './visible-lines.ts';

export interface CheckOptions {
  readonly model?: 'etcd' | 'register' | 'cas-register' | 'kv';
  readonly format: 'auto' | 'firedrill' | 'jepsen' | 'porcupine';
  readonly within: string;
  readonly memory: string;
  readonly svg?: string;
  readonly json?: boolean;
}

/**
 * `firedrill check`: judges a recorded history.
 *
 * @returns 0 when it is linearizable and nothing else is wrong, 1 when something is, 4 when it isn't known
 */
export async function checkCommand(path: string, options: CheckOptions): Promise<ExitCode> {
  const withinMs = parseDuration(options.within);
  if (withinMs === undefined) throw new ExpectedError(`--within is "${options.within}"; give a duration such as 60s`);
  const budget = budgetOf(realClock, withinMs, parseSize(options.memory));
  const findings = judge(path, await readHistory(path, options.format, budget), options.model, budget);
  const broken = findings.find(({ counterexample }) => counterexample);
  if (options.json === true) process.stdout.write(`${JSON.stringify({ history: path, verdict: overall(findings), findings }, null, 2)}\n`);
  else process.stdout.write(`${visibleLines(textOf(findings))}\n`);
  if (options.svg !== undefined && broken?.counterexample) {
    await write(options.svg, counterexamplePicture(broken.counterexample));
    if (options.json !== true) process.stdout.write(`${visibleLines(`drawn in ${options.svg}`)}\n`);
  }
  return { held: exitCodes.held, broken: exitCodes.broken, unknown: exitCodes.inconclusive }[overall(findings)];
}

function judge(path: string, read: ReadHistory, model: CheckOptions['model'], budget: Budget): readonly Finding[] {
  if (read.kind === 'unknown') return [{ check: 'linearizability', verdict: 'unknown', says: read.why }];
  if (read.kind === 'etcd') {
    if (model !== undefined && model !== 'etcd') throw new ExpectedError(`${path} is a history of etcd; --model ${model} is for one without revisions`);
    return checkEtcd(read.history, budget);
  }
  if (model === 'etcd') throw new ExpectedError(`${path} has no revisions; give --model register, cas-register or kv`);
  return [judgePlain(read.operations, model ?? read.usual, budget)];
}

/** What there is no record of (nobody watched, no lease) leaves the verdict on what there is as it is. */
function overall(findings: readonly Finding[]): Finding['verdict'] {
  if (findings.some(({ verdict }) => verdict === 'broken')) return 'broken';
  return findings[0]!.verdict;
}

function textOf(findings: readonly Finding[]): string {
  const words = { held: 'held', broken: 'BROKEN', unknown: 'unknown' } as const;
  const lines: string[] = [];
  for (const { counterexample } of findings) {
    if (!counterexample) continue;
    lines.push(counterexample.says);
    for (const { client, callMs, returnMs, text, impossible, line } of counterexample.operations) {
      const when = returnMs === null ? `${callMs} …` : `${callMs} … ${returnMs}`;
      lines.push(`  ${impossible ? '>' : ' '} client ${client}  ${when}  ${text}${line > 0 ? `  (line ${line})` : ''}`);
    }
    lines.push('');
  }
  const answer = { held: 'linearizable', broken: 'not linearizable', unknown: 'unknown' }[findings[0]!.verdict];
  lines.push(...findings.map(({ check, verdict, says }) => `${words[verdict].padEnd(8)} ${check}: ${says}`), answer);
  return lines.join('\n');
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new ExpectedError(`${path} can't be written: ${messageOf(error)}`);
  }
}

const unitBytes = { KB: 1e3, MB: 1e6, GB: 1e9 } as const;

function parseSize(text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(KB|MB|GB)$/.exec(text);
  if (!match) throw new ExpectedError(`--memory is "${text}"; give a size such as 512MB or 1GB`);
  return Number(match[1]) * unitBytes[match[2] as keyof typeof unitBytes];
}
