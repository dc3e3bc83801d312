import type { JudgedLoad, JudgedProbe, JudgedRun, JudgedStream, LatencySummary, RequestSlice } from '../../runner/verdict.ts';
import { length, nothing } from './times.ts';

type Row = readonly [whose: string, stands: string, rate: string, latency: string, failed: string];

export const requestHeads = ['requests of', 'stands', 'rate', 'p50 / p99 / p99.9', 'failed'] as const;

/** The requests of each stream as the cells of a row: whose, from where, how many a second, how long they took, failures by kind. */
export function requestRows(run: JudgedRun): readonly Row[] {
  return run.probes.flatMap((probe) => probe.streams.flatMap((stream) => (stream.requests ? [streamRow(probe, stream, stream.requests)] : [])));
}

/** The same of each endpoint of the background loads. */
export function loadRows(run: JudgedRun): readonly Row[] {
  return (run.loads ?? []).map(loadRow);
}

function streamRow({ stands = nothing }: JudgedProbe, { name, good, bad, unknown, reasons }: JudgedStream, { slices, latency }: NonNullable<JudgedStream['requests']>): Row {
  const failed = reasons.filter(({ why }) => slices.some((slice) => Object.hasOwn(slice.failed, why)));
  return [name, stands, rateOf(slices), percentiles(latency), failures(good + bad + unknown, bad, unknown, failed.map(({ why, count }) => `${count} × ${why}`))];
}

function loadRow(load: JudgedLoad): Row {
  const { ok, failed, unknown, slices, latency } = load;
  const bad = sum(failed);
  const kinds = Object.entries(failed).map(([kind, count]) => `${count} × ${kind}`);
  return [`load ${loadName(load)}`, nothing, rateOf(slices), percentiles(latency), failures(ok + bad + unknown, bad, unknown, kinds)];
}

/** A load's endpoint in one name: `shop/read`, `shop/read, copied to http://shop-next`. */
export function loadName({ load, endpoint, copiedTo }: Pick<JudgedLoad, 'load' | 'endpoint' | 'copiedTo'>): string {
  return `${load}/${endpoint}${copiedTo === undefined ? '' : `, copied to ${copiedTo}`}`;
}

function failures(all: number, bad: number, unknown: number, kinds: readonly string[]): string {
  const failed = bad === 0 ? `none of ${all}` : `${bad} of ${all}: ${kinds.join(', ')}`;
  return unknown === 0 ? failed : `${failed}; ${unknown} not sent, or not heard`;
}

/** How many were due a second, over all of the run. */
export function rateOf(slices: readonly RequestSlice[]): string {
  const due = slices.reduce((total, { ok, failed, unknown }) => total + ok + unknown + sum(failed), 0);
  const forMs = slices.reduce((total, slice) => total + slice.forMs, 0);
  return forMs > 0 ? `${Number(((due / forMs) * 1_000).toPrecision(3))}/s` : nothing;
}

/** `4.8 ms / 92 ms / 250 ms`: the median, the 99th percentile and the 99.9th. */
export function percentiles(latency: LatencySummary | null): string {
  return latency === null ? nothing : [latency.p50, latency.p99, latency['p99.9']].map((ms) => (ms === undefined ? nothing : length(ms))).join(' / ');
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
