import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { journalFileName } from '../../runner/journal-file.ts';
import type { EntryBodies, EntryType, RawObservation } from '../../runner/journal.ts';
import { seeded } from '../../runner/rng.ts';
import { drill } from '../../test/runner/journal-builder.ts';

const streams = 20;
const everyMs = 20;
const hourMs = 3_600_000;
/** As the journal batches them. */
const batchMs = 1_000;
const faultAtMs = 60_000;
const wallMs = Date.UTC(2026, 10, 23, 10);

/** An hour of twenty streams, each asked fifty times a second, with a fault, an outage of three seconds and a few that flap. */
export function writeHour(folder: string): number {
  const rng = seeded(3);
  const file = openSync(join(folder, journalFileName), 'w');
  let seq = 0;
  let text = '';
  const add = <T extends EntryType>(t: number, type: T, body: EntryBodies[T]): void => {
    text += `${JSON.stringify({ seq: seq++, at: new Date(wallMs + t).toISOString(), t, type, ...body })}\n`;
    if (text.length < 1 << 20) return;
    writeSync(file, text);
    text = '';
  };
  const probes = { members: { kind: 'etcd-reachable', every: `${everyMs}ms`, timeout: '1s' } };
  const slos = [{ name: 'members are back within 5 s', probe: 'members', longestOutage: '5s' }, { name: 'most answers are good', probe: 'members', availability: '90%' }, { name: 'answers are quick', probe: 'members', latency: { p99: '50ms' } }];
  add(0, 'run.started', { version: 1, run: '20261123T100000Z-an-hour-7f3a', firedrill: '0.1.0', node: '24.21.0', command: 'firedrill run an-hour', seed: 1, scenario: drill({ name: 'an-hour', probes, slos }), source: 'an-hour', environment: { name: 'bench', protected: false, roles: {}, limits: {} } });
  add(1, 'phase', { phase: 'baseline' });
  let count = 0;
  for (let fromMs = 0; fromMs < hourMs; fromMs += batchMs) {
    if (fromMs === faultAtMs) {
      add(fromMs - 1, 'phase', { phase: 'inject' });
      add(fromMs, 'fault.intent', { fault: 'zone', kind: 'instance-terminate', says: 'terminate peer-0', sum: '', targets: [], undo: null });
      add(fromMs + 8, 'fault.injected', { fault: 'zone' });
      add(fromMs + 10, 'phase', { phase: 'recover' });
    }
    for (let stream = 0; stream < streams; stream += 1) {
      const raw: RawObservation[] = [];
      for (let at = fromMs; at < fromMs + batchMs; at += everyMs) raw.push(observation(at, stream, rng.next()));
      count += raw.length;
      add(fromMs + batchMs, 'observations', { probe: 'members', stream: `members/peer-${stream}`, raw });
    }
  }
  add(hourMs + 1, 'phase', { phase: 'done' });
  add(hourMs + 2, 'run.ended', { outcome: 'finished', reason: 'every probe was good again' });
  writeSync(file, text);
  closeSync(file);
  return count;
}

function observation(at: number, stream: number, chance: number): RawObservation {
  const startMs = rounded(at + chance);
  const endMs = rounded(startMs + 1 + 3 * chance ** 4);
  const away = at >= faultAtMs && at < faultAtMs + 3_000;
  // Now and then one of a few streams loses an answer.
  if (away || (stream < 3 && chance < 0.001)) return [startMs, endMs, 'b', 'connection refused'];
  return [startMs, endMs, 'g'];
}

/** Microseconds, as in a journal. */
function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
