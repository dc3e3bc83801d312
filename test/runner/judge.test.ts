import assert from 'node:assert/strict';
import { ExpectedError } from '../../runner/errors.ts';
import type { Target } from '../../runner/fault.ts';
import { judge } from '../../runner/judge.ts';
import type { Entry, Outcome } from '../../runner/journal.ts';
import { answers, drill, faultAtMs, instance, JournalBuilder } from './journal-builder.ts';

const endMs = 10_000;
const outage = [...answers(-5_800, 100), ...answers(100, 1_340, 'b'), ...answers(1_340, endMs)];

function started(changes: Record<string, unknown> = {}, undo: Record<string, unknown> | null = null): JournalBuilder {
  return new JournalBuilder(drill(changes)).fault(0, 'zone', [instance(1)], undo).observe('writes', outage);
}

const strict = { slos: [{ name: 'writes are back within 1 s', probe: 'writes', longestOutage: '1s' }] };

describe('the verdict on a run', () => {
  it('is held when every SLO is, and says what was measured', () => {
    const { verdict, run } = judge(started().end(1_000, endMs).entries);
    assert.deepEqual(verdict, {
      value: 'held',
      exitCode: 0,
      headline: 'Held: writes were away for 1.24 s ± 0.03 s, with peer-1 lost.',
    });
    assert.equal(run.outcome, 'finished');
  });

  it('is held with what was lost, apart from what was only hit; machines of a group are counted', () => {
    const pod = { ...instance(1), kind: 'pod' as const, group: undefined, etcdMember: undefined };
    const headlineOf = (targets: readonly Target[]): string =>
      judge(new JournalBuilder(drill()).fault(0, 'one', targets).observe('writes', outage).end(1_000, endMs).entries).verdict.headline;
    assert.match(headlineOf([{ ...pod, kind: 'node', name: 'ip-10-0-1-9.eu-west-1.compute.internal' }, { ...pod, name: 'web-1' }]), /, with web-1 lost and ip-10-0-1-9 hit\.$/);
    assert.match(headlineOf([{ ...pod, kind: 'workload', name: 'web' }]), /, with web hit\.$/);
    const workers = [1, 2].map((index) => ({ ...instance(index), name: 'worker' }));
    assert.match(headlineOf([...workers, ...['a', 'b', 'c', 'd'].map((name) => ({ ...pod, name }))]), /, with 2 × worker, a, b and 2 more lost\.$/);
  });

  it('is broken when an SLO is, and says which and by how much', () => {
    const { verdict } = judge(started(strict).end(1_000, endMs).entries);
    assert.equal(verdict.value, 'broken');
    assert.equal(verdict.exitCode, 1);
    assert.match(verdict.headline, /^Broken: “writes are back within 1 s”: 1.24 s ± 0.03 s, over by 218 ms; .*connection refused\.$/);
  });

  it('is inconclusive when an SLO is and none is broken; broken outranks it', () => {
    const unknown = { name: 'quorum is never lost', probe: 'quorum', always: true };
    const held = { name: 'writes are back', probe: 'writes', longestOutage: '5s' };
    const { verdict } = judge(started({ slos: [held, unknown] }).end(1_000, endMs).entries);
    assert.equal(verdict.value, 'inconclusive');
    assert.equal(verdict.exitCode, 4);
    assert.equal(verdict.headline, 'Inconclusive: “quorum is never lost”: nothing is known of quorum.');
    const both = judge(started({ slos: [unknown, ...strict.slos] }).end(1_000, endMs).entries);
    assert.equal(both.verdict.value, 'broken');
  });

  const ends: [Outcome, string, value: string, exitCode: number, headline: RegExp][] = [
    ['aborted', 'writes was bad for 60 s', 'inconclusive', 5, /^Aborted, and everything undone: writes was bad for 60 s\.$/],
    ['interrupted', 'SIGINT', 'inconclusive', 130, /^Interrupted, and everything undone: SIGINT\.$/],
    ['failed', 'fault extra could not be injected', 'inconclusive', 4, /^The run failed: fault extra could not be injected\.$/],
    ['not-undone', 'attach volume vol-1 again', 'inconclusive', 6, /^Not undone, a human is needed: attach volume vol-1 again\.$/],
  ];
  for (const [outcome, reason, value, exitCode, headline] of ends) {
    it(`is not held when the run was ${outcome}, though its SLOs are`, () => {
      const { verdict } = judge(started().end(1_000, endMs, outcome, reason).entries);
      assert.deepEqual([verdict.value, verdict.exitCode], [value, exitCode]);
      assert.match(verdict.headline, headline);
    });
  }

  it('is that the run was aborted when a fault broke off halfway, and that a human is needed when that could not be undone', () => {
    const brokenOff = (verified: boolean) => {
      const journal = new JournalBuilder();
      journal.add(0, 'fault.intent', { fault: 'cut', kind: 'zone-partition', says: 'cut', sum: '', targets: [], undo: { acl: 'acl-1' } });
      journal.add(900, 'fault.failed', { fault: 'cut', error: 'the API went away' }).add(2_000, 'fault.undone', { fault: 'cut', verified, said: 'acl-1' });
      journal.observe('writes', answers(-5_800, endMs));
      return judge(journal.end(2_100, endMs, verified ? 'failed' : 'not-undone', 'fault cut could not be injected: the API went away').entries).verdict;
    };
    assert.deepEqual([brokenOff(true).value, brokenOff(true).exitCode], ['inconclusive', 5]);
    assert.match(brokenOff(true).headline, /^The run failed: fault cut could not be injected: the API went away\.$/);
    assert.equal(brokenOff(false).exitCode, 6);
  });

  it('tells what was broken before a run was interrupted', () => {
    const { verdict } = judge(started(strict).end(1_000, endMs, 'interrupted', 'SIGINT').entries);
    assert.deepEqual([verdict.value, verdict.exitCode], ['broken', 130]);
    assert.match(verdict.headline, /Broken until then: writes are back within 1 s\.$/);
  });

  it('is inconclusive when there was no baseline, as nothing was broken', () => {
    const journal = new JournalBuilder().observe('writes', answers(-5_800, -100, 'b'));
    journal.add(-50, 'run.ended', { outcome: 'no-baseline', reason: 'writes was bad for 60 s' });
    const { verdict, slos, run, faults } = judge(journal.entries);
    assert.deepEqual([verdict.value, verdict.exitCode], ['inconclusive', 4]);
    assert.equal(verdict.headline, 'Inconclusive: nothing was broken, as there was no steady baseline: writes was bad for 60 s.');
    assert.deepEqual(slos.map(({ verdict, measured, reason }) => [verdict, measured, reason]), [['inconclusive', 'nothing', 'no fault was injected']]);
    assert.equal(run.firstFaultAt, null);
    assert.equal(run.startMs, 0);
    assert.deepEqual(faults, []);
  });

  it('is that a human is needed while an undo record is open', () => {
    const open = judge(started({}, { acl: 'acl-1' }).end(1_000, endMs).entries);
    assert.equal(open.faults[0]?.open, true);
    assert.deepEqual([open.verdict.value, open.verdict.exitCode], ['inconclusive', 6]);

    const failed = started({}, { acl: 'acl-1' }).add(5_000, 'fault.undone', { fault: 'zone', verified: false, said: 'subnet-1 still has acl-2' });
    const told = judge(failed.end(1_000, endMs, 'not-undone', 'fault zone: subnet-1 still has acl-2').entries);
    assert.equal(told.faults[0]?.open, true);
    assert.match(told.verdict.headline, /^Not undone, a human is needed: fault zone: subnet-1 still has acl-2\.$/);

    const undone = started({}, { acl: 'acl-1' }).add(5_000, 'fault.undone', { fault: 'zone', verified: true, said: 'acl-1 is back' });
    const good = judge(undone.end(1_000, endMs).entries);
    assert.deepEqual(good.faults[0]?.undone, { atMs: 5_000, verified: true, said: 'acl-1 is back' });
    assert.deepEqual([good.faults[0].open, good.verdict.exitCode], [false, 0]);
  });
});

describe('a journal that was cut off', () => {
  it('says that the run did not end', () => {
    const { entries } = started().end(1_000, endMs);
    const { verdict, run, notes } = judge(entries.slice(0, -1));
    assert.deepEqual([verdict.value, verdict.exitCode], ['inconclusive', 4]);
    assert.match(verdict.headline, /^Inconclusive: the run did not end/);
    assert.equal(run.outcome, null);
    assert.equal(notes.at(-1)?.text, 'the journal stops here: the run did not end');
  });

  it('says what may still be broken, and how to mend it', () => {
    const { entries } = started({}, { acl: 'acl-1' }).end(1_000, endMs);
    const { verdict } = judge(entries.slice(0, -1));
    assert.equal(verdict.exitCode, 6);
    assert.match(verdict.headline, /Not undone: fault zone; use firedrill recover\./);
  });

  it('is judged wherever it was cut, and never held', () => {
    const { entries } = started({}, { acl: 'acl-1' })
      .add(3_000, 'note', { text: 'throttled' })
      .blind(4_000, 4_200)
      .milestone({ facet: 'leader', subject: 'cluster', state: 'peer-1', notYet: null, seen: -5_000, source: 'etcd' })
      .add(5_000, 'fault.undone', { fault: 'zone', verified: true, said: 'acl-1 is back' })
      .end(1_000, endMs);
    for (let length = 1; length < entries.length; length++) {
      assert.notEqual(judge(entries.slice(0, length)).verdict.value, 'held', `the first ${length} entries`);
    }
    assert.equal(judge(entries).verdict.value, 'held');
  });

  it('is refused in words when there is nothing in it', () => {
    assert.throws(() => judge([]), (error) => error instanceof ExpectedError && /nothing to judge/.test(error.message));
  });
});

describe('a journal of a newer version', () => {
  it('is judged by what is known of it, with a note', () => {
    const { entries } = started().end(1_000, endMs);
    const newer = entries.map((entry) => (entry.type === 'run.started' ? { ...entry, version: 2 } : entry));
    newer.push({ seq: newer.length, at: newer.at(-1)!.at, t: newer.at(-1)!.t, type: 'weather', wind: 'north' } as unknown as Entry);
    const { verdict, notes } = judge(newer);
    assert.equal(verdict.value, 'held');
    const texts = notes.map(({ text }) => text);
    assert.ok(texts.includes('this journal has format 2; this firedrill knows up to 1'));
    assert.ok(texts.includes("entries of type weather were left out: this firedrill doesn't know them"));
  });
});

describe('a judged run', () => {
  it('counts all times from the first fault', () => {
    const { run, phases, faults } = judge(started().fault(1_000, 'extra').end(2_000, endMs).entries);
    assert.equal(run.firstFaultAt, new Date(Date.parse(run.startedAt) + faultAtMs).toISOString());
    assert.deepEqual([run.startMs, run.endMs], [-faultAtMs, endMs + 5]);
    assert.deepEqual(phases.map(({ phase, fromMs, toMs }) => [phase, fromMs, toMs]), [
      ['baseline', -5_900, -10],
      ['inject', -10, 2_000],
      ['recover', 2_000, endMs],
      ['done', endMs, endMs + 5],
    ]);
    assert.deepEqual(faults.map(({ id, intentMs, injectedMs }) => [id, intentMs, injectedMs]), [['zone', 0, 8], ['extra', 1_000, 1_008]]);
  });

  it('has each stream as lanes, its neighbours of one value joined, with its outages and reasons', () => {
    const { probes } = judge(started().end(1_000, endMs).entries);
    const [stream] = probes.find(({ name }) => name === 'writes')!.streams;
    assert.deepEqual(stream?.segments.map(({ fromMs, toMs, value }) => [fromMs, Math.round(toMs), value]), [
      [-5_800, 100, 'good'],
      [100, 1_340, 'bad'],
      [1_340, endMs - 18, 'good'],
    ]);
    assert.deepEqual([stream.good, stream.bad, stream.unknown], [728, 62, 0]);
    assert.deepEqual(stream.reasons, [{ why: 'connection refused', count: 62 }]);
    assert.equal(stream.outages.length, 1);
    assert.deepEqual(stream.latency.map(({ max }) => max), Array(stream.latency.length).fill(2));
  });

  it('leaves a gap in a lane where nothing was asked', () => {
    const journal = new JournalBuilder().fault(0, 'zone').observe('writes', [...answers(-1_000, 1_000), ...answers(3_000, 4_000)]);
    const [stream] = judge(journal.end(1_000, 4_000).entries).probes.find(({ name }) => name === 'writes')!.streams;
    assert.deepEqual(stream?.segments.map(({ fromMs, toMs }) => [fromMs, Math.round(toMs)]), [[-1_000, 982], [3_000, 3_982]]);
  });

  it('keeps its lanes small however much a probe flaps', () => {
    const flapping = answers(0, 60_000).map(([start, end], index) => [start, end, index % 3 === 0 ? 'b' : 'g'] as [number, number, 'b' | 'g']);
    const journal = new JournalBuilder().fault(0, 'zone').observe('writes', flapping).end(1_000, 60_000);
    const [stream] = judge(journal.entries).probes.find(({ name }) => name === 'writes')!.streams;
    assert.ok(stream!.segments.length <= 700, `${stream?.segments.length} segments`);
    assert.ok(stream!.segments.some(({ value }) => value === 'bad'));
  });

  it('tells who led, and the lives of the instances', () => {
    const journal = started()
      .milestone({ facet: 'leader', subject: 'cluster', state: 'peer-1', detail: { term: 3 }, notYet: null, seen: -5_000, source: 'etcd' })
      .milestone({ facet: 'leader', subject: 'cluster', state: 'none', notYet: 0, seen: 100, source: 'etcd' })
      .milestone({ facet: 'leader', subject: 'cluster', state: 'peer-2', detail: { term: 4 }, notYet: 1_200, seen: 1_300, source: 'etcd' });
    for (const [state, id, seen] of [
      ['running', 'i-1', -5_500],
      ['terminated', 'i-1', 500],
      ['pending', 'i-2', 2_000],
      ['running', 'i-2', 3_000],
    ] as const) {
      journal.milestone({ facet: 'instance', subject: 'peer-1', state, detail: { id, zone: 'eu-west-1b' }, notYet: null, seen, source: 'ec2' });
    }
    const { leader, lives, run } = judge(journal.end(1_000, endMs).entries);
    assert.deepEqual(leader, [
      { fromMs: -5_000, toMs: 100, leader: 'peer-1', term: 3 },
      { fromMs: 100, toMs: 1_300, leader: null, term: 3 },
      { fromMs: 1_300, toMs: run.endMs, leader: 'peer-2', term: 4 },
    ]);
    assert.equal(lives[0]?.zone, 'eu-west-1b');
    assert.deepEqual(lives[0].segments.map(({ fromMs, toMs, state, instanceId }) => [fromMs, toMs, state, instanceId]), [
      [-5_500, 500, 'running', 'i-1'],
      [500, 2_000, 'terminated', 'i-1'],
      [2_000, 3_000, 'pending', 'i-2'],
      [3_000, run.endMs, 'running', 'i-2'],
    ]);
  });

  it('gives a lane to each of two instances that ran at once under one name, and none to one that had ended before', () => {
    const journal = started();
    for (const [state, id, zone, seen] of [
      ['running', 'i-1', 'eu-west-1a', -5_500],
      ['running', 'i-2', 'eu-west-1b', -5_500],
      ['terminated', 'i-1', 'eu-west-1a', 500],
      ['running', 'i-3', 'eu-west-1a', 3_000],
      ['terminated', 'i-0', 'eu-west-1a', -5_500],
    ] as const) {
      journal.milestone({ facet: 'instance', subject: 'worker', state, detail: { id, zone }, notYet: null, seen, source: 'ec2' });
    }
    const { lives } = judge(journal.end(1_000, endMs).entries);
    assert.deepEqual(lives.map(({ name, zone, segments }) => [name, segments[0]?.instanceId, zone, segments.map(({ state }) => state)]), [
      ['worker', 'i-1', 'eu-west-1a', ['running', 'terminated']],
      ['worker', 'i-2', 'eu-west-1b', ['running']],
      ['worker', 'i-3', 'eu-west-1a', ['running']],
    ]);
  });

  it('has notes of stop conditions, of what the harness could not see, and of what was written down', () => {
    const journal = started().blind(2_000, 2_300).blind(2_010, 2_310).add(4_000, 'note', { text: 'ec2: throttled' });
    journal.add(5_000, 'abort', { reason: 'writes was bad for 60s' });
    const { notes } = judge(journal.end(1_000, endMs, 'aborted', 'writes was bad for 60s').entries);
    assert.deepEqual(notes.map(({ text }) => text), [
      'firedrill itself stood still and could not look: 1 time, 310 ms at the longest, 310 ms in all',
      'ec2: throttled',
      'stop condition: writes was bad for 60s',
    ]);
  });

  it('takes the interval from what was asked when the drill leaves it to the kind', () => {
    const probes = { writes: { kind: 'etcd-write' } };
    const { probes: judged } = judge(started({ probes }).end(1_000, endMs).entries);
    assert.equal(judged[0]?.everyMs, 20);
  });

  it('is the same for the same journal', () => {
    const { entries } = started().end(1_000, endMs);
    assert.deepEqual(judge(entries), judge(structuredClone(entries)));
  });
});
