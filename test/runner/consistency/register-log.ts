import type { PlainOperation } from '../../../runner/consistency/search/history.ts';
import { seeded } from '../../../runner/rng.ts';

/**
 * The history of a register that is linearizable, of the shape of the classic logs: few clients, few values, a part of the
 * answers lost. Times are places in a log: no two are the same.
 */
export function registerHistory(options: { seed: number; operations: number; clients: number; values: number; lost: number; keys?: number }): PlainOperation[] {
  const rng = seeded(options.seed);
  const next = (count: number): number => Math.floor(rng.next() * count);
  const values = new Map<string, string>();
  const clock = Array.from({ length: options.clients }, () => rng.next());
  const names = clock.map((_, index) => index);
  const planned = Array.from({ length: options.operations }, () => {
    const client = next(options.clients);
    const callMs = clock[client]! + rng.next();
    const effectMs = callMs + rng.next() * 3;
    const returnMs = effectMs + rng.next() * 3;
    clock[client] = returnMs;
    const isLost = rng.next() < options.lost;
    const name = `${names[client]}`;
    // As Jepsen does: who lost an answer goes on under another name.
    if (isLost) names[client]! += options.clients;
    return { client: name, callMs, effectMs: isLost ? effectMs + rng.next() * 10 : effectMs, returnMs, isLost, happens: !isLost || rng.next() < 0.5, dice: rng.next(), a: `${next(options.values)}`, b: `${next(options.values)}`, key: `${next(options.keys ?? 1)}` };
  });
  const done: PlainOperation[] = [];
  for (const { client, callMs, returnMs, isLost, happens, dice, a, b, key } of planned.toSorted((one, other) => one.effectMs - other.effectMs)) {
    const held = values.get(key) ?? null;
    const base = { client, key, callMs, returnMs: isLost ? Infinity : returnMs, answer: null, line: 0 };
    if (dice < 0.4) {
      if (!isLost) done.push({ ...base, call: { f: 'read' }, answer: held });
    } else if (dice < 0.7) {
      if (happens) values.set(key, a);
      done.push({ ...base, call: { f: 'write', value: a } });
    } else {
      const differs = held !== a;
      if (!differs && happens) values.set(key, b);
      done.push({ ...base, call: { f: 'cas', from: a, to: b }, ...(differs && !isLost ? { differs: true as const } : {}) });
    }
  }
  return done;
}

/** The history as Jepsen's log tells it. */
export function jepsenLog(operations: readonly PlainOperation[]): string {
  const events = operations.flatMap(({ client, call, answer, callMs, returnMs, differs }) => {
    const asked = call.f === 'cas' ? `[${call.from} ${call.to}]` : call.f === 'write' ? call.value : 'nil';
    const line = (type: string, value: string): string => `INFO  jepsen.util - ${client}\t:${type}\t:${call.f}\t${value}`;
    const got = call.f === 'read' ? (answer ?? 'nil') : asked;
    const ended = returnMs === Infinity ? line('info', ':timed-out') : line(differs ? 'fail' : 'ok', got);
    return [{ at: callMs, text: line('invoke', asked) }, ...(returnMs === Infinity ? [{ at: callMs + 5, text: ended }] : [{ at: returnMs, text: ended }])];
  });
  return events.sort((a, b) => a.at - b.at).map(({ text }) => `${text}\n`).join('');
}
