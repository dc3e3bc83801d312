import { isGo, readName, readSaying, type Answer } from '../../runner/gameday/answers.ts';
import type { Asked } from '../../runner/gameday/day.ts';
import type { DayJournal } from '../../runner/gameday/day-file.ts';
import type { Conversation } from './conversation.ts';

export interface AskGoInput {
  readonly journal: DayJournal;
  readonly conversation: Conversation;
  readonly interrupt: AbortSignal;
  readonly unattended: boolean;
  /** What it is about; null for the day as a whole. */
  readonly step: number | null;
  readonly about: Asked;
  readonly text: string;
}

/** The terminal is gone: no question can be answered any more. */
export class NobodyThere extends Error {
  override readonly name = 'NobodyThere';
  constructor(question: string) {
    super(`nobody was there to answer: ${question}`);
  }
}

/**
 * Asks go or no-go, and who says so: each answer is written down with its name and its time as it comes. Somebody has to answer,
 * and one no-go is a no-go.
 *
 * @returns whether it is a go
 * @throws NobodyThere; the reason of `interrupt` when that aborts
 */
export async function askGo({ journal, conversation, interrupt, unattended, step, about, text }: AskGoInput): Promise<boolean> {
  await journal.append('question', { step, about, text });
  conversation.say(`\n${text}`);
  if (unattended) {
    conversation.say('Go: nobody is asked (--yes)');
    await journal.append('decision', { step, about, go: true, by: '--yes' });
    return true;
  }
  const answers: Answer[] = [];
  for (;;) {
    const answer = await nextAnswer(answers.length === 0, conversation, interrupt);
    if (answer === 'all') break;
    if (answer === 'nobody') {
      await journal.append('decision', { step, about, go: false, by: 'nobody' });
      throw new NobodyThere(text);
    }
    answers.push(answer);
    await journal.append('answer', { step, ...answer });
  }
  const go = isGo(answers);
  await journal.append('decision', { step, about, go, by: 'people' });
  conversation.say(`${go ? 'Go' : 'No-go'}: ${answers.map(({ who, go: said, why }) => `${who} says ${said ? 'go' : 'no-go'}${why === '' ? '' : ` (${why})`}`).join(', ')}`);
  return go;
}

async function nextAnswer(isFirst: boolean, conversation: Conversation, interrupt: AbortSignal): Promise<Answer | 'all' | 'nobody'> {
  for (;;) {
    const typed = await conversation.ask(isFirst ? 'Who answers? Name: ' : 'Who else? Name, or Enter when all have answered: ', interrupt);
    if (typed === null) return 'nobody';
    const name = readName(typed);
    if (!name) {
      if (!isFirst) return 'all';
      conversation.say('Somebody has to answer: type a name');
      continue;
    }
    if (name.said) return { who: name.who, ...name.said };
    for (;;) {
      const said = await conversation.ask(`${name.who}, go or no-go? `, interrupt);
      if (said === null) return 'nobody';
      const read = readSaying(said);
      if (read) return { who: name.who, ...read };
      conversation.say('Type go or no-go; a reason may follow');
    }
  }
}
