import { appendFile } from 'node:fs/promises';
import { loadFormats } from '../reports/format.ts';
import { realClock } from '../runner/clock.ts';
import type { Environment } from '../runner/environment.ts';
import { messageOf } from '../runner/errors.ts';
import type { EntryBodies } from '../runner/journal.ts';
import type { Notifier } from '../runner/notify/notifier.ts';
import type { JudgedRun } from '../runner/verdict.ts';
import { mask } from './secrets.ts';
import { version } from './version.ts';

/**
 * Who tells the receivers of an environment what becomes of a run; undefined where it names none. Loaded before the run, so
 * that nothing has to be loaded during it.
 *
 * @param record writes down what became of a message
 */
export async function notifierFor({ notify }: Environment, record: (body: EntryBodies['notification']) => void): Promise<Notifier | undefined> {
  if (!notify || Object.keys({ ...notify.webhooks, ...notify.slack }).length === 0) return undefined;
  const [{ createNotifier }, { postJson }] = await Promise.all([import('../runner/notify/notifier.ts'), import('../runner/clients/post.ts')]);
  const userAgent = `firedrill/${version()}`;
  return createNotifier({ settings: notify, clock: realClock, mask, record, post: (url, message, signal) => postJson(url, message, userAgent, signal) });
}

/**
 * The report where a CI system shows it: in the summary of a step of GitHub, folded into the log of a job of GitLab. That it
 * can't be written changes nothing but a line of standard error.
 *
 * @param out where the log goes
 */
export async function writeSummary({ notify }: Environment, run: JudgedRun, variables: NodeJS.ProcessEnv, out: Pick<NodeJS.WriteStream, 'write'>): Promise<void> {
  const summary = variables['GITHUB_STEP_SUMMARY'];
  const inGitLab = variables['GITLAB_CI'] === 'true';
  if (!notify?.summary || (!summary && !inGitLab)) return;
  const text = (await loadFormats())['markdown']!.render(run);
  if (inGitLab) out.write(foldedForGitLab(run, text));
  if (!summary) return;
  try {
    await appendFile(summary, mask.text(text));
  } catch (error) {
    process.stderr.write(`the step's summary could not be written: ${messageOf(error)}\n`);
  }
}

/** A section of a job's log that is folded until somebody opens it; its times are in seconds since 1970. */
function foldedForGitLab({ run, verdict }: JudgedRun, text: string): string {
  const [from, to] = [run.startedAt, run.endedAt].map((at) => Math.floor(Date.parse(at) / 1_000));
  const name = `firedrill_${run.id.replaceAll(/[^\w.-]/g, '_')}`;
  const clear = '\r\u001b[0K';
  return `\u001b[0Ksection_start:${from}:${name}[collapsed=true]${clear}firedrill: ${verdict.value}, the report of ${run.drill}\n${text}\u001b[0Ksection_end:${to}:${name}${clear}\n`;
}
