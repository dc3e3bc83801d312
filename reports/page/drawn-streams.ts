import type { JudgedProbe, JudgedStream } from '../../runner/verdict.ts';
import { cut } from '../words/lists.ts';
import { longestOutage } from '../words/verdicts.ts';

/** What a page can hold of one probe without becoming a scroll of lanes. */
const most = { streams: 18, requests: 6 };

/** The streams that have a lane, in their own order, and those of them whose requests are drawn: those that say something first. */
export function drawnStreams({ streams }: JudgedProbe): { readonly shown: readonly JudgedStream[]; readonly withRequests: ReadonlySet<JudgedStream> } {
  const awayMs = (stream: JudgedStream): number => longestOutage(stream)?.lengthMs ?? 0;
  const worstFirst = [...streams].sort((left, right) => awayMs(right) - awayMs(left));
  const chosen = new Set(cut(worstFirst, most.streams).shown);
  return { shown: streams.filter((stream) => chosen.has(stream)), withRequests: new Set(cut(worstFirst, most.requests).shown) };
}

/** What a stream is called among those of its probe: `peer-1` of `members/peer-1`. */
export function withoutPrefix(stream: string, probe: string): string {
  return stream.startsWith(`${probe}/`) ? stream.slice(probe.length + 1) : stream;
}
