import { formatDuration, parseDuration } from './duration.ts';
import { describe } from './issues.ts';
import { suggest } from './nearest.ts';
import { isMapping, type Report } from './parameters.ts';
import { kindNamed, type Vocabulary } from './vocabulary.ts';
import type { Path } from './yaml-tree.ts';
import { pathText } from './yaml-tree.ts';

/**
 * Checks what the parts of a drill say about each other. Works on the drill as it was read, so that all that is wrong is
 * told at once; what has not the right shape is left to the schema.
 */
export function checkReferences(drill: Record<string, unknown>, report: Report, vocabulary: Pick<Vocabulary, 'probes'>): void {
  const faults = mappings(drill.faults);
  const slos = mappings(drill.slos);
  const probes = isMapping(drill.probes) ? Object.keys(drill.probes) : undefined;
  const ids = faults.flatMap(([, fault]) => (typeof fault.id === 'string' ? [fault.id] : []));

  const mustBe = (known: readonly string[] | undefined, what: string, path: Path, name: unknown): void => {
    if (typeof name !== 'string' || !known || known.includes(name)) return;
    report(path, 'value', `${pathText(path)} is ${describe(name)}; ${suggest(name, known, what)}`);
  };
  for (const [index, slo] of slos) {
    mustBe(probes, 'probes', ['slos', index, 'probe'], slo.probe);
    mustBe(ids, 'faults', ['slos', index, 'from'], slo.from);
  }
  for (const [index, condition] of mappings(drill.abort)) mustBe(probes, 'probes', ['abort', index, 'probe'], condition.probe);
  for (const [index, fault] of faults) mustBe(ids, 'faults', ['faults', index, 'after'], fault.after);

  mustDiffer(faults, 'faults', 'id', report);
  mustDiffer(slos, 'slos', 'name', report);
  checkOrder(faults, report);
  checkTimes(drill, slos, report);
  checkRecords(drill, slos, report, vocabulary);
}

type Entry = readonly [index: number, entry: Record<string, unknown>];

function mappings(list: unknown): Entry[] {
  return Array.isArray(list) ? [...list.entries()].filter((entry): entry is [number, Record<string, unknown>] => isMapping(entry[1])) : [];
}

function mustDiffer(entries: readonly Entry[], list: string, key: string, report: Report): void {
  const seen = new Map<unknown, number>();
  for (const [index, entry] of entries) {
    const name = entry[key];
    const first = seen.get(name);
    if (typeof name !== 'string') continue;
    if (first === undefined) seen.set(name, index);
    else report([list, index, key], 'value', `${pathText([list, index, key])} is ${describe(name)}, as ${list}[${first}].${key} is; give another`);
  }
}

/** Each circle of faults that wait for one another is told once, at the first of them. */
function checkOrder(faults: readonly Entry[], report: Report): void {
  const afters = new Map(faults.map(([, fault]) => [fault.id, fault.after]));
  const told = new Set<unknown>();
  for (const [index, { id }] of faults) {
    const trail: unknown[] = [];
    for (let next: unknown = id; typeof next === 'string' && !trail.includes(next); next = afters.get(next)) trail.push(next);
    const closes = trail.length > 0 && afters.get(trail.at(-1)) === id;
    if (!closes || told.has(id)) continue;
    for (const member of trail) told.add(member);
    const path = ['faults', index, 'after'];
    report(path, 'value', `${pathText(path)} makes a circle, ${[...trail, id].join(' after ')}; start one of them with at`);
  }
}

function checkTimes(drill: Record<string, unknown>, slos: readonly Entry[], report: Report): void {
  const timeoutMs = isMapping(drill.recovery) ? durationOf(drill.recovery.timeout) : undefined;
  for (const [index, slo] of slos) {
    const withinMs = durationOf(slo.recoversWithin);
    if (withinMs === undefined || timeoutMs === undefined || withinMs <= timeoutMs) continue;
    const path = ['slos', index, 'recoversWithin'];
    report(path, 'value', `${pathText(path)} is ${formatDuration(withinMs)}; give at most recovery.timeout, ${formatDuration(timeoutMs)}, as nobody looks after that`);
  }
  const baseline = isMapping(drill.baseline) ? drill.baseline : {};
  const [forMs, withinMs] = [durationOf(baseline.for), durationOf(baseline.within ?? '60s')];
  if (forMs !== undefined && withinMs !== undefined && forMs > withinMs) {
    report(['baseline', 'for'], 'value', `baseline.for is ${formatDuration(forMs)}; give at most baseline.within, ${formatDuration(withinMs)}`);
  }
}

/** Only some probes record a history that can be consistent. */
function checkRecords(drill: Record<string, unknown>, slos: readonly Entry[], report: Report, { probes }: Pick<Vocabulary, 'probes'>): void {
  for (const [index, { consistent, probe }] of slos) {
    const spec = isMapping(drill.probes) && typeof probe === 'string' ? drill.probes[probe] : undefined;
    if (consistent === undefined || !isMapping(spec)) continue;
    const kind = kindNamed(probes, spec.kind);
    if (!kind || kind.records) continue;
    const that = Object.keys(probes).filter((name) => probes[name]!.records);
    report(['slos', index, 'consistent'], 'key', `slos[${index}].consistent is about a history, and probe ${String(probe)} (${String(spec.kind)}) records none; give a probe of kind ${that.join(' or ')}, or another form of SLO`);
  }
}

function durationOf(value: unknown): number | undefined {
  return typeof value === 'string' ? parseDuration(value) : undefined;
}
