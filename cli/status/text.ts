import { signs } from '../../reports/words/verdicts.ts';
import type { Status } from '../../runner/schedule/status.ts';

/** Where things stand, for people. Ends in a newline. */
export function statusText({ schedule, last, underWay, broken, unknown }: Status): string {
  const lines: [title: string, texts: string[]][] = [
    ...(schedule
      ? ([
          ['scheduler', [schedule.scheduler ? `at work: process ${schedule.scheduler.pid} on ${schedule.scheduler.host}, since ${schedule.scheduler.since}` : 'none is at work']],
          ['next slots', schedule.next.length > 0 ? schedule.next.map(({ of, wall, timeZone, at, begins }) => `${of}: ${wall.replace('T', ' ')} ${timeZone} (${at}${begins === at ? '' : `, begins ${begins}`})`) : ['none']],
          ...(schedule.open.length > 0 ? [['not ended', [...schedule.open]]] : []),
        ] as [string, string[]][])
      : []),
    ['last verdicts', last.length > 0 ? last.map(({ drill, verdict, exitCode, at, run }) => `${signs[verdict]} ${drill}: ${verdict}, exit code ${exitCode}, ${at}, run ${run}`) : ['no run is there']],
    ...(underWay.length > 0 ? [['under way', underWay.map((run) => `run ${run}`)] as [string, string[]]] : []),
    ['broken now', broken.length > 0 ? broken.map(({ what, todo }) => `${what}; put back: ${todo}`) : ['nothing that is known']],
    ...(unknown.length > 0 ? [['not known', [...unknown]] as [string, string[]]] : []),
  ];
  return lines.map(([title, texts]) => `${texts.map((text, index) => `${(index === 0 ? title : '').padEnd(14)} ${text}`).join('\n')}\n`).join('');
}
