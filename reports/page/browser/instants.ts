import { moment } from '../../words/lengths.ts';

/** An instant in both of its names: `t+1.240 s` and `10:21:39.752 UTC`, without the second when the run's times can't be read. */
export function instantNames(atMs: number, zeroMs: number | null): readonly [offset: string, utc: string] {
  return [moment(atMs), zeroMs === null ? '' : `${timeOfDay(atMs, zeroMs)} UTC`];
}

/** `10:21:39.752`; empty for a moment that no calendar has. */
export function timeOfDay(atMs: number, zeroMs: number | null): string {
  if (zeroMs === null) return '';
  const time = new Date(zeroMs + Math.round(atMs));
  return Number.isNaN(time.getTime()) ? '' : time.toISOString().slice(11, 23);
}

/** What a link into the report asks for: an instant (`#t=12.5`), or a part of the run (`#t=10,20`). Null when it is neither. */
export function linkedTime(hash: string): { readonly fromMs: number; readonly toMs: number } | null {
  const found = /^#t=(-?\d+(?:\.\d+)?)(?:,(-?\d+(?:\.\d+)?))?$/.exec(hash.replace('−', '-').replace('%E2%88%92', '-'));
  if (!found) return null;
  const fromMs = Math.round(Number(found[1]) * 1_000);
  const toMs = Math.round(Number(found[2] ?? found[1]) * 1_000);
  return toMs < fromMs ? { fromMs: toMs, toMs: fromMs } : { fromMs, toMs };
}

/** The link to an instant or to a part of the run, in seconds. */
export function timeLink(fromMs: number, toMs = fromMs): string {
  const written = (atMs: number): string => String(Number((atMs / 1_000).toFixed(3)));
  return toMs === fromMs ? `#t=${written(fromMs)}` : `#t=${written(fromMs)},${written(toMs)}`;
}
