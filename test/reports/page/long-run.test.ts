import assert from 'node:assert/strict';
import html from '../../../reports/html.ts';
import { readingsOf } from '../../../reports/page/readings.ts';
import { length } from '../../../reports/words/lengths.ts';
import { judge } from '../../../runner/judge.ts';
import type { RawObservation } from '../../../runner/journal.ts';
import { seeded } from '../../../runner/rng.ts';
import { latencyEncoder } from '../../../runner/traffic/latencies.ts';
import { rawWindow } from '../../../runner/traffic/raw-window.ts';
import { OpenWindow } from '../../../runner/traffic/window.ts';
import { drill, faultAtMs, instance, JournalBuilder } from '../../runner/journal-builder.ts';

const hourMs = 3_600_000;
const probes = ['quorum', 'writes', 'groups', 'dns'];
/** A single bad answer, far from any other: what a coarse drawing loses first. */
const lonelyMs = 2_222_200;

/** An hour in which several probes ask ten times a second, each flapping for a while, and one sends 50 requests a second. */
function hour(): JournalBuilder {
  const rng = seeded(3);
  const encoder = latencyEncoder();
  const journal = new JournalBuilder(drill({
    probes: {
      ...Object.fromEntries(probes.map((name) => [name, { kind: 'etcd-write', every: '100ms', timeout: '1s' }])),
      pay: { kind: 'http', every: '1s', timeout: '1s', url: 'http://payments/health', rate: '50/s' },
    },
    slos: probes.map((probe) => ({ name: `${probe} is fast`, probe, latency: { p99: '1s' } })),
  })).fault(0, 'zone', [instance(1), instance(2)]);
  for (const probe of probes) {
    const rows: RawObservation[] = [];
    for (let atMs = -5_800; atMs < hourMs; atMs += 100) {
      const flaps = atMs % 600_000 > 400_000 && rng.next() < 0.3;
      const bad = flaps || (probe === 'dns' && atMs === lonelyMs);
      rows.push(bad ? [atMs, atMs + 5, 'b', `refused by ${Math.floor(rng.next() * 40)}`] : [atMs, atMs + 1 + rng.next() * 20, 'g']);
    }
    journal.observe(probe, rows);
  }
  const windows: RawObservation[] = [];
  for (let fromMs = -5_000; fromMs < hourMs; fromMs += 1_000) {
    const window = new OpenWindow(fromMs, fromMs + 1_000);
    for (let dueMs = fromMs; dueMs < fromMs + 1_000; dueMs += 20) window.settle(window.add(dueMs, 0), rng.next() < 0.01 ? '5xx' : 'ok', dueMs + 2 + 60 * rng.next() ** 3);
    windows.push([fromMs, fromMs + 1_000, 'g', '', {}, rawWindow(window.close(encoder)!, (ms) => ms + faultAtMs)]);
  }
  journal.observe('pay', windows);
  return journal.end(1_000, hourMs);
}

describe('the HTML report of an hour’s drill', function () {
  this.timeout(240_000);
  const run = judge(hour().entries);

  it('is under 2 MB', () => {
    const page = html.render(run);
    assert.ok(Buffer.byteLength(page) < 2_000_000, `${Buffer.byteLength(page)} bytes`);
  });

  it('names each lane’s beginning, its end and a failure that stands alone', () => {
    const { lanes, texts } = readingsOf(run);
    for (const name of [...probes, 'pay']) {
      const { spans } = lanes.find((lane) => lane.name === name)!;
      assert.ok(spans[0]! <= -4_000 && spans.at(-3)! + spans.at(-2)! >= hourMs - 2_000, name);
    }
    const dns = lanes.find(({ name }) => name === 'dns')!.spans;
    const bad = dns.findIndex((fromMs, at) => at % 3 === 0 && fromMs <= lonelyMs && fromMs + dns[at + 1]! >= lonelyMs && texts[dns[at + 2]!]!.startsWith('bad'));
    assert.ok(bad >= 0, 'the failure that stands alone is lost');
  });

  it('still names the slowest answer', () => {
    const { lanes, texts } = readingsOf(run);
    const { spans } = lanes.find(({ name }) => name === 'pay latency')!;
    const slowestMs = Math.max(...run.probes.at(-1)!.streams[0]!.latency.map(({ max }) => max));
    assert.ok(spans.some((place, at) => at % 3 === 2 && texts[place]!.endsWith(`max ${length(slowestMs)}`)));
  });
});
