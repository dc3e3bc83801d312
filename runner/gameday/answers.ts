/** What somebody said to a go/no-go question. */
export interface Answer {
  readonly who: string;
  readonly go: boolean;
  /** What was said with it; empty for nothing. */
  readonly why: string;
}

const goWords = /^(?:go|yes|y)(?![\w-])[\s,:;.-]*(.*)$/is;
const noGoWords = /^(?:no[- ]?go|no|n)(?![\w-])[\s,:;.-]*(.*)$/is;

/** Reads `go`, `no-go, the dashboards are red`; undefined for what is neither. */
export function readSaying(text: string): Omit<Answer, 'who'> | undefined {
  const said = text.trim();
  const no = noGoWords.exec(said);
  if (no) return { go: false, why: no[1]!.trim() };
  const yes = goWords.exec(said);
  return yes ? { go: true, why: yes[1]!.trim() } : undefined;
}

/** Reads a name alone, or a name with what they say: `kim: no-go`. Undefined when there is no name. */
export function readName(text: string): { readonly who: string; readonly said?: Omit<Answer, 'who'> } | undefined {
  const [name = '', ...rest] = text.split(':');
  const who = name.trim();
  if (who === '') return undefined;
  const said = rest.length > 0 ? readSaying(rest.join(':')) : undefined;
  return said ? { who, said } : { who };
}

/** Go when somebody has said so and nobody has said no. Who answers again has changed their mind. */
export function isGo(answers: readonly Answer[]): boolean {
  const last = [...new Map(answers.map((answer) => [answer.who.toLowerCase(), answer])).values()];
  return last.length > 0 && last.every(({ go }) => go);
}
