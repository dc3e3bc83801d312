import { formatDuration } from '../../scenarios/duration.ts';
import type { Gameday } from '../../scenarios/gameday.ts';
import type { PlannedStep } from './draw.ts';

export interface AnnouncementInput {
  readonly gameday: Gameday;
  readonly environment: string;
  readonly seed: number;
  readonly steps: readonly PlannedStep[];
  /** UTC, milliseconds since 1970. */
  readonly wallMs: number;
  /** What ends a drill from any terminal. */
  readonly stopCommand: string;
}

/** What is planned today, a line for each step. */
export function dayText(steps: readonly PlannedStep[]): string[] {
  let drills = 0;
  return steps.map((step) => {
    if (step.kind === 'pause') return `    pause of ${formatDuration(step.forMs)}`;
    if (step.kind === 'question') return `    question: ${step.ask}`;
    drills += 1;
    const set = step.set.length > 0 ? `, ${step.set.join(', ')}` : '';
    return ` ${String(drills).padStart(2)}. ${step.title} (${step.drill}${set}${step.drawnBy === null ? '' : `; drawn by "${step.drawnBy}"`})`;
  });
}

/** The announcement, as text to copy into a chat or a mail. Ends without a newline. */
export function announcementText({ gameday, environment, seed, steps, wallMs, stopCommand }: AnnouncementInput): string {
  const { title, why, tell, announcement, timeZone } = gameday;
  const lines = [
    `Game day: ${title}`,
    `When: from ${whenText(wallMs, timeZone)}`,
    `Where: environment ${environment}`,
    ...(why === undefined ? [] : [`Why: ${why.trim()}`]),
    ...(announcement === undefined ? [] : ['', announcement.trim()]),
    '',
    `What will be done, in this order (seed ${seed}):`,
    ...dayText(steps),
    '',
    `To end it at once, from any terminal: ${stopCommand}`,
  ];
  return `${lines.join('\n')}${tell.length === 0 ? '' : `\n\nTo: ${tell.map(({ who, where }) => (where === undefined ? who : `${who} (${where})`)).join(', ')}`}`;
}

function whenText(wallMs: number, timeZone: string | undefined): string {
  const utc = `${new Date(wallMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (timeZone === undefined || timeZone === 'UTC') return utc;
  const there = new Intl.DateTimeFormat('en-GB-u-ca-gregory-nu-latn', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(wallMs);
  return `${utc} (${there} in ${timeZone})`;
}
