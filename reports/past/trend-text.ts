import type { Trend, TrendPoint, TrendSeries } from '../../runner/past/trend.ts';
import { plainStyle, type Style } from '../format.ts';
import { aligned } from '../words/columns.ts';
import { counted } from '../words/lists.ts';
import { length, utcOf } from '../words/times.ts';
import { trendTime } from '../words/trends.ts';
import { visible } from '../words/untrusted.ts';
import { signs } from '../words/verdicts.ts';

/** How many characters the longest bar has. */
const width = 40;
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;
/** Of a long history the newest are shown. */
const mostRuns = 30;

/** A chart of bars for each time, a run a line, oldest first: all bars of one chart have one scale. Pure, and ends in a newline. */
export function trendText({ drill, series, leftOut }: Trend, style: Style = plainStyle): string {
  const parts = [
    ...series.map((one) => chart(one, style)),
    ...(series.length === 0 ? [[`no run of ${visible(drill)} is there that measured a time`]] : []),
    ...(leftOut > 0 ? [[`${counted(leftOut, 'run')} left out: not ended, or nothing broken`]] : []),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function chart({ name, of, points }: TrendSeries, style: Style): string[] {
  const shown = points.slice(-mostRuns);
  const ends = shown.flatMap(({ ms, plusMs, limitMs }) => [ms + plusMs, limitMs ?? 0]).filter(Number.isFinite);
  const longest = Math.max(...ends, 0);
  const rows = aligned(shown.map((point) => [utcOf(point.startedAt).slice(0, 16), `${signs[point.verdict]}`, bar(point, longest), trendTime(point)]));
  const limit = shown.at(-1)?.limitMs;
  const earlier = points.length - shown.length;
  return [
    `${style.strong(visible(name))} ${style.faint(`(${of}${limit == null ? '' : `; │ is the limit, ${length(limit)} now`})`)}`,
    ...rows.map((row, index) => style[shown[index]!.verdict](row)),
    ...(earlier > 0 ? [style.faint(`and ${counted(earlier, 'run')} before`)] : []),
  ];
}

/** A bar, and the limit as a line where it is: before or behind the bar's end. */
function bar({ ms, limitMs }: TrendPoint, longest: number): string {
  const whole = Number.isFinite(ms) ? (longest > 0 ? (ms / longest) * width : 0) : width;
  const full = '█'.repeat(Math.floor(whole));
  const drawn = `${full}${eighths[Math.floor((whole - Math.floor(whole)) * 8)]!}`.padEnd(width);
  if (limitMs === null || longest === 0) return drawn;
  const at = Math.min(width - 1, Math.max(0, Math.round((limitMs / longest) * width) - 1));
  return `${drawn.slice(0, at)}│${drawn.slice(at + 1)}`;
}
