import type { Notice } from './notice.ts';
import type { Message } from './webhook.ts';

/** Slack takes 3,000 characters in a section, and 50 blocks; a room wants a few lines. */
const mostCharacters = 2_500;
const mostSlos = 12;

const signs: Readonly<Record<string, string>> = { held: '✅', broken: '❌', inconclusive: '❔' };
const ofOccasion = { start: '▶️', abort: '🛑' } as const;

/** A notice as an incoming webhook of Slack takes it; `text` is for what shows no blocks. */
export function slackMessage(notice: Notice): Message {
  const { run, about, says, verdict } = notice;
  const sign = verdict ? signs[verdict.value]! : ofOccasion[about as keyof typeof ofOccasion];
  const slos = verdict?.slos.slice(0, mostSlos).map((slo) => `${signs[slo.verdict] ?? ''} ${plain(slo.name)}: ${plain(slo.measured)}`) ?? [];
  const more = (verdict?.slos.length ?? 0) - slos.length;
  const blocks = [
    section(`${sign} *${plain(run.title)}*\n${plain(says)}`),
    ...(slos.length > 0 ? [section([...slos, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'))] : []),
    { type: 'context', elements: [{ type: 'mrkdwn', text: plain(`${run.drill} in ${run.environment} · run ${run.id} · seed ${run.seed}`) }] },
  ];
  return { headers: {}, body: JSON.stringify({ text: cut(`${sign} ${plain(run.title)}: ${plain(says)}`), blocks }) };
}

function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text: cut(text) } };
}

/** Escaped as Slack asks for, so that a name from the platform neither links nor mentions anybody. */
function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll(/[*_~`]/g, (mark) => `${mark}\u200b`);
}

function cut(text: string): string {
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters - 1)}…`;
}
