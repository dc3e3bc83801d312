import { judge } from '../../../runner/judge.ts';
import { seeded } from '../../../runner/rng.ts';
import { latencyEncoder } from '../../../runner/traffic/latencies.ts';
import type { Outcome } from '../../../runner/traffic/outcome.ts';
import { rawWindow } from '../../../runner/traffic/raw-window.ts';
import { valueOfWindow } from '../../../runner/traffic/window-value.ts';
import { OpenWindow, type RequestWindow } from '../../../runner/traffic/window.ts';
import { letterOf } from '../../../runner/journal.ts';
import { drill, faultAtMs, JournalBuilder } from '../../runner/journal-builder.ts';

const endMs = 21_000;
const at = (ms: number): number => ms + faultAtMs;
const rng = seeded(7);
const encoder = latencyEncoder();

/** What becomes of a request that is due at a moment, and after how long. */
type Answering = (dueMs: number) => readonly [outcome: Outcome, afterMs: number];

/** Most are quick, a few are slow; `stress` makes all of them slower. */
function served(stress = 1): number {
  const unlucky = rng.next() < 0.03 ? 6 : 1;
  return (3 + 2 * rng.next() + 2 * rng.next() ** 4) * stress * unlucky;
}

/** A service that is refused, then hangs, then is overloaded, and slowly gets well. */
const payments: Answering = (dueMs) => {
  if (dueMs < 0 || dueMs > 11_000) return ['ok', served()];
  if (dueMs < 1_300) return ['refused', 1];
  if (dueMs < 2_600) return rng.next() < 0.25 ? ['reset', 3] : ['timeout', 1_000];
  if (dueMs < 4_500 && rng.next() < 0.55) return rng.next() < 0.7 ? ['5xx', 20] : ['wrong answer', 15];
  if (dueMs > 7_000 && dueMs < 7_400) return ['unknown', 0];
  return ['ok', served(1 + 90 * ((11_000 - dueMs) / 11_000) ** 3)];
};

/** A load of which only a part suffers. */
const shop: Answering = (dueMs) => (dueMs > 0 && dueMs < 3_000 && rng.next() < 0.3 ? ['timeout', 1_000] : ['ok', served(4)]);

function windowsOf(perSecond: number, windowMs: number, answer: Answering): RequestWindow[] {
  const windows: RequestWindow[] = [];
  const spacingMs = 1_000 / perSecond;
  for (let fromMs = -5_800; fromMs < endMs; fromMs += windowMs) {
    const window = new OpenWindow(fromMs, fromMs + windowMs);
    for (let dueMs = fromMs; dueMs < fromMs + windowMs; dueMs += spacingMs) {
      const [outcome, afterMs] = answer(dueMs);
      window.settle(window.add(dueMs, 0), outcome, dueMs + afterMs);
    }
    windows.push(window.close(encoder)!);
  }
  return windows;
}

const scenario = drill({
  name: 'payments-outage',
  title: 'Payments lose the proxy that they go through',
  why: 'Customers pay while machines fail.',
  tags: ['payments'],
  probes: { pay: { kind: 'http', every: '100ms', timeout: '1s', url: 'http://payments/health', rate: '50/s', from: 'outside' } },
  load: { shop: { rate: '20/s', endpoints: { read: { url: 'http://shop/items' } }, shadow: { to: 'http://shop-next', of: ['read'] } } },
  faults: [{ id: 'cut', kind: 'network-deny', for: '4s' }],
  slos: [
    { name: 'payments are away for 3 s at most', probe: 'pay', longestOutage: '3s' },
    { name: 'most payments succeed during the fault', probe: 'pay', availability: '75%', during: 'fault' },
    { name: 'payments are quick again', probe: 'pay', latency: { p50: '10ms', p99: '250ms' }, during: 'recovery' },
    { name: 'no payment hangs', probe: 'pay', latency: { max: '1s' } },
  ],
});

function journal(): JournalBuilder {
  const made = new JournalBuilder(scenario).fault(0, 'cut', [], { policy: 'firedrill-cut' });
  made.add(4_200, 'fault.undone', { fault: 'cut', verified: true, said: 'the policy is gone' });
  const raw = windowsOf(50, 100, payments).map((window) => ({ window, answer: valueOfWindow(window, 0) }));
  made.observe('pay', raw.map(({ window, answer }) => [window.fromMs, window.endMs, letterOf[answer.value], answer.why ?? '', {}, rawWindow(window, at)]));
  for (const window of windowsOf(20, 1_000, shop)) {
    made.add(window.endMs, 'load', { load: 'shop', endpoint: 'read', start: at(window.fromMs), end: at(window.endMs), requests: rawWindow(window, at) });
  }
  for (const window of windowsOf(20, 1_000, () => ['ok', served(7)])) {
    made.add(window.endMs, 'load', { load: 'shop', endpoint: 'read', shadow: true, start: at(window.fromMs), end: at(window.endMs), requests: rawWindow(window, at) });
  }
  const told = [
    { n: 131, what: 'status 200, and 404 from the shadow' },
    { n: 140, what: 'body from character 31 on: “…"price":3,"currency":"GBP"}”, and “…"price":3.00,"currency":"GBP"}” from the shadow' },
  ];
  made.add(4_000, 'shadow', { load: 'shop', endpoint: 'read', same: 180, different: 2, unanswered: 18, told });
  made.add(endMs - 10, 'shadow', { load: 'shop', endpoint: 'read', same: 340, different: 0, unanswered: 0, told: [] });
  return made.end(4_200, endMs);
}

/** Requests that fail in several ways one after another, and a service that slowly gets well. */
export const requestsRun = judge(journal().entries);
