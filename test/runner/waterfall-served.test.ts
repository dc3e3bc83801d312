import assert from 'node:assert/strict';
import type { Target } from '../../runner/fault.ts';
import type { FaultHistory } from '../../runner/history.ts';
import type { Outage } from '../../runner/verdict.ts';
import { servedSteps } from '../../runner/waterfall/served.ts';
import type { WaterfallInput } from '../../runner/waterfall/steps.ts';

const daemon = { kind: 'pod', name: 'linkerd-1', id: 'u', zone: 'a', roles: [], workload: 'daemonset/linkerd', namespace: 'mesh', node: 'ip-1.example.com' } as unknown as Target;
const fault = { id: 'kill', intentMs: 0, injectedMs: 10, failedMs: null, targets: [daemon] } as unknown as FaultHistory;
const away = (fromMs: number, endMs: number | null): Outage => ({ start: { min: fromMs, max: fromMs + 100 }, end: endMs === null ? null : { min: endMs - 100, max: endMs } }) as Outage;

const steps = (target: Target, streams: Record<string, readonly Outage[]>, kind = 'http') => {
  const input = { faults: [fault], endMs: 60_000, probes: [{ name: 'requests', kind, streams: Object.entries(streams).map(([name, outages]) => ({ name, outages })) }] };
  return servedSteps(target, fault, input as unknown as WaterfallInput);
};

describe('the first request through a daemon that was killed', () => {
  it('is when the last outage of what goes through its node ended, and of no other', () => {
    const found = steps(daemon, { 'requests/ip-1': [away(20, 1_500), away(1_700, 2_000)], 'requests/ip-2': [away(20, 9_000)] });
    assert.deepEqual(found, [{ step: 'first request served', at: { min: 1_900, max: 2_000 }, source: 'probe requests', note: '' }]);
    assert.deepEqual(steps(daemon, { 'requests/ip-1.example.com': [away(20, 1_500)] })[0]?.at, { min: 1_400, max: 1_500 });
  });

  it('is not seen while the outage goes on', () => {
    assert.deepEqual(steps(daemon, { 'requests/ip-1': [away(20, null)] }), [{ step: 'first request served', at: null, source: 'probe requests', note: 'not seen before the run ended' }]);
  });

  it('is not told where nothing failed, nobody asks through the node, or no daemon was hit', () => {
    assert.deepEqual(steps(daemon, { 'requests/ip-1': [] }), []);
    assert.deepEqual(steps(daemon, { 'requests/ip-2': [away(20, 900)] }), []);
    assert.deepEqual(steps(daemon, { 'requests/ip-1': [away(20, 900)] }, 'etcd-write'), []);
    assert.deepEqual(steps({ ...daemon, workload: 'deployment/web' }, { 'requests/ip-1': [away(20, 900)] }), []);
  });
});
