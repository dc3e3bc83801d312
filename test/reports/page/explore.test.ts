import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Script } from 'node:vm';
import fc from 'fast-check';
import html from '../../../reports/html.ts';
import { instantNames, linkedTime, timeLink } from '../../../reports/page/browser/instants.ts';
import { readAll, readAt } from '../../../reports/page/browser/readings.ts';
import { isFound } from '../../../reports/page/browser/search.ts';
import { roundTicks } from '../../../reports/page/browser/ticks.ts';
import { closeUp, finest, fitted, following, spanMs, zoomed } from '../../../reports/page/browser/window.ts';
import { readingsOf } from '../../../reports/page/readings.ts';
import { script, scriptHash } from '../../../reports/page/script.ts';
import { targetIds } from '../../../reports/page/target-details.ts';
import { cutEvents, eventKinds, eventsOf } from '../../../reports/words/events.ts';
import { anyRun } from '../any-run.ts';
import { abortedRun, heldRun, requestsRun, sampleRuns } from '../sample-runs.ts';

const whole = { fromMs: -5_000, toMs: 20_000 };

describe('the window that the charts show', () => {
  it('stays within the run, however it is moved and zoomed', () => {
    const act = fc.oneof(
      fc.record({ factor: fc.double({ min: 0.01, max: 100, noNaN: true }), atMs: fc.integer({ min: -20_000, max: 40_000 }) }),
      fc.record({ followMs: fc.integer({ min: whole.fromMs, max: whole.toMs }) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 20 }), (acts) => {
        let window = whole;
        for (const one of acts) window = 'factor' in one ? zoomed(window, whole, one.factor, one.atMs) : following(window, whole, one.followMs);
        assert.ok(window.fromMs >= whole.fromMs - 1e-6 && window.toMs <= whole.toMs + 1e-6 && spanMs(window) >= 9.99, JSON.stringify(window));
      }),
    );
  });

  it('keeps the instant under the pointer where it is, while it zooms', () => {
    assert.deepEqual(zoomed(whole, whole, 5, 0), { fromMs: -1_000, toMs: 4_000 });
    assert.deepEqual(zoomed({ fromMs: -1_000, toMs: 4_000 }, whole, 1 / 5, 0), whole);
  });

  it('is a close-up where a link leads to an instant, also at the ends', () => {
    assert.deepEqual(closeUp({ fromMs: 0, toMs: 12_000 }, { fromMs: 0, toMs: 12_000 }, 6_000), { fromMs: 5_000, toMs: 7_000 });
    assert.equal(closeUp(whole, whole, -5_000).fromMs, -5_000);
    assert.deepEqual(closeUp({ fromMs: 0, toMs: 100 }, whole, 50), { fromMs: 0, toMs: 100 });
    assert.deepEqual(fitted({ fromMs: 15_000, toMs: 90_000 }, whole), whole);
  });

  it('is shown by the chart that is drawn finest for it', () => {
    const charts = [whole, { fromMs: -800, toMs: 9_000 }, { fromMs: -200, toMs: 2_000 }];
    assert.equal(finest(charts, { fromMs: 0, toMs: 1_000 }), 2);
    assert.equal(finest(charts, { fromMs: 0, toMs: 3_000 }), 1);
    assert.equal(finest(charts, { fromMs: 10_000, toMs: 11_000 }), 0);
  });

  it('has round ticks, no more than there is room for', () => {
    assert.deepEqual(roundTicks(-120, 480, 7), { stepMs: 100, ticks: [-100, 0, 100, 200, 300, 400] });
    assert.equal(roundTicks(0, 3_600_000, 8).stepMs, 600_000);
    assert.equal(roundTicks(0, 360_000_000, 8).ticks.length, 8);
  });
});

describe('an instant in the report', () => {
  it('is named from the first fault on and in UTC', () => {
    assert.deepEqual(instantNames(1_240, Date.parse('2026-11-23T10:21:38.512Z')), ['t+1.240 s', '10:21:39.752 UTC']);
    assert.deepEqual(instantNames(-500, null), ['t−0.500 s', '']);
  });

  it('has a link that leads back to it', () => {
    fc.assert(fc.property(fc.integer({ min: -1e7, max: 1e8 }), (atMs) => assert.deepEqual(linkedTime(timeLink(atMs)), { fromMs: atMs, toMs: atMs })));
    assert.equal(timeLink(12_500), '#t=12.5');
    assert.deepEqual(linkedTime('#t=20,10'), { fromMs: 10_000, toMs: 20_000 });
    for (const other of ['', '#t=', '#t=x', '#t=1e9', '#target-peer-1', '#t=1,2,3']) assert.equal(linkedTime(other), null, other);
  });
});

describe('what the lanes say at an instant', () => {
  it('is what was measured there, lanes that say the same together', () => {
    const said = new Map(readAll(readingsOf(heldRun), 1_100).map(({ group, said: values }) => [group, values]));
    assert.deepEqual(said.get('writes'), [{ text: 'bad: etcdserver: request timed out', lanes: ['writes'] }]);
    assert.deepEqual(said.get('members'), [
      { text: 'good', lanes: ['peer-0', 'peer-2', 'peer-3', 'peer-5', 'peer-8'] },
      { text: 'bad: connection refused', lanes: ['peer-1', 'peer-4', 'peer-6', 'peer-7'] },
    ]);
    assert.match(said.get('leader')![0]!.text, /^none \(term \d+\)$/);
    assert.match(readAll(readingsOf(requestsRun), 2_000).find(({ group }) => group === 'pay requests')!.said[0]!.text, /^\d+ of \d+ answered, \d+ × reset, \d+ × timeout$/);
  });

  it('is nothing before, between and after what was seen', () => {
    const lane = { group: 'g', name: 'n', spans: [0, 10, 0, 20, 10, 1] };
    assert.deepEqual([-1, 0, 10, 15, 20, 30, 31].map((atMs) => readAt(lane, atMs, ['a', 'b'])), [null, 'a', 'a', null, 'b', 'b', null]);
  });

  it('is in order and names texts that there are, of any run', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const { lanes, texts } = readingsOf(run);
        for (const { spans } of lanes) {
          for (let at = 0; at < spans.length; at += 3) {
            assert.ok(spans[at + 1]! >= 0 && texts[spans[at + 2]!] !== undefined);
            assert.ok(at === 0 || spans[at]! >= spans[at - 3]! + spans[at - 2]!);
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('the events of a run', () => {
  it('are in the order of time, each of a known kind, of any run', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const events = eventsOf(run);
        events.forEach(({ atMs, kind }, index) => assert.ok(eventKinds.includes(kind) && (index === 0 || atMs >= events[index - 1]!.atMs)));
      }),
      { numRuns: 20 },
    );
  });

  it('tell of phases, faults, what was undone or not, outages, states, calls and notes', () => {
    const lines = Object.values(sampleRuns).flatMap(eventsOf).map(({ kind, what }) => `${kind}: ${what}`);
    for (const line of [/^phase: recover began$/, /^fault: zone injected: instance-terminate on peer-1, peer-4, peer-7$/, /^undo: cut undone: the policy is gone$/, /^outage: writes is good again, after 1\.240 s ± 0\.020 s$/, /^platform: peer-1: instance running \(ec2, at the first look\)$/, /^note: /, /^run: the journal ends here/]) {
      assert.ok(lines.some((one) => line.test(one)), String(line));
    }
  });

  it('leave out calls and states before faults and outages', () => {
    const events = eventsOf(sampleRuns['node-loss']!);
    const { shown, more } = cutEvents(events, 40);
    assert.equal(shown.length + more, events.length);
    for (const kind of ['fault', 'outage', 'phase']) {
      assert.equal(shown.filter((event) => event.kind === kind).length, events.filter((event) => event.kind === kind).length);
    }
  });

  it('are found by words in any order, whatever their capitals', () => {
    assert.ok(isFound('peer-1: instance Terminated (ec2)', 'EC2 terminated'));
    assert.ok(!isFound('peer-1: instance running', 'peer-1 gone'));
    assert.ok(isFound('anything', ''));
  });
});

describe('the page’s script', () => {
  it('is a script, without types, and named by its hash in the policy', () => {
    assert.doesNotThrow(() => new Script(script));
    assert.doesNotMatch(script, /\bimport\b|\bexport\b|<\/|<!--|\binterface\b/);
    assert.equal(scriptHash, `sha256-${createHash('sha256').update(script).digest('base64')}`);
    const page = html.render(heldRun);
    const scripts = [...page.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)];
    assert.deepEqual(scripts.map(([, attributes]) => attributes), ['', ' type="application/json" id="readings"']);
    assert.equal(scripts[0]![2], script);
    assert.ok(page.includes(`script-src &#39;${scriptHash}&#39;`));
  });
});

describe('a target of the report', () => {
  it('has an address of its own, whatever it is called', () => {
    const named = (target: string) => ({ ...heldRun.waterfall[0]!, target });
    assert.deepEqual(targetIds(['peer-1', 'peer-1', 'Worker "x"<b>', 'שלום'].map(named)), ['target-peer-1', 'target-peer-1-2', 'target-worker-x-b', 'target-']);
    assert.match(html.render(abortedRun), /<article id="target-[a-z0-9-]+">/);
  });
});
