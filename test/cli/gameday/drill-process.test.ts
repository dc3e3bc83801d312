import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drillProcesses } from '../../../cli/gameday/drill-process.ts';
import type { DrillRunner } from '../../../cli/gameday/drill-runner.ts';
import type { PlannedDrill } from '../../../runner/gameday/draw.ts';
import { sampleEnvironment } from '../../runner/sample-platform.ts';
import { sampleScenario } from '../../runner/sample-scenario.ts';

const never = new AbortController().signal;
const run = '20261123T102133Z-etcd-zone-plus-one-7f3a';
const planned = (drill: string): PlannedDrill => ({ kind: 'drill', drill, title: 'Lose it', set: ['zone=a b'], seed: 7, drawnBy: null, ask: null, countdownMs: 0, onBroken: 'ask', onNoGo: 'skip' });

describe("a game day's drill is a process of its own", () => {
  let out: string;
  let drills: DrillRunner;
  let types: string[];
  let lines: string[];
  const events = { onEntry: ({ type }: { type: string }) => void types.push(type), onLine: (line: string) => void lines.push(line) };
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'firedrill-day-runs-'));
    [types, lines] = [[], []];
    drills = drillProcesses({
      program: [process.execPath, '--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'stand-in-drill.ts')], platform: { env: 'e.yaml' }, environment: sampleEnvironment(), out,
      allowProtected: 'staging', scenarioOf: async () => sampleScenario(),
    });
  });
  afterEach(() => rmSync(out, { recursive: true }));

  it('that is looked at first: what would be hit, and how long it may take', async () => {
    const look = await drills.look(planned('fine'), never);
    const { baseline, recovery } = sampleScenario();
    assert.deepEqual([look.code, look.said, look.hash], [0, [], `1-${'0'.repeat(16)}`]);
    assert.ok(look.takesMs >= baseline.within + recovery.timeout);
    assert.match(look.text, /blast radius {3}1 instance/);
  });

  it('that the guard refuses, with its reasons, or that can not be looked at, with what went wrong', async () => {
    const refused = await drills.look(planned('refused'), never);
    assert.deepEqual([refused.code, refused.said], [3, ['zones: 2 would be lost, 1 may be']]);
    const blind = await drills.look(planned('no-platform'), never);
    assert.deepEqual([blind.code, blind.said, blind.text], [4, ['the platform could not be looked at: no answer'], '']);
  });

  it('that is run as firedrill run, with the plan that was shown, and judged from its own journal', async () => {
    const end = await drills.run(planned('fine'), '1-abc', events, never);
    assert.deepEqual(lines, [`run fine --json --seed 7 --set zone=a b --env e.yaml --allow-protected staging --yes --plan 1-abc --out ${out}`]);
    assert.deepEqual([end.code, end.run?.id, end.run?.verdict.value, end.run?.slos.length], [0, run, 'held', 1]);
    assert.ok(types.includes('run.started') && types.includes('fault.injected') && types.includes('run.ended'));
  });

  it('that never starts has no run, and its last words are kept', async () => {
    const end = await drills.run(planned('never-starts'), '1-abc', events, never);
    assert.deepEqual([end.code, end.run, end.said.at(-1)], [3, null, 'refused: another run holds the lock']);
  });

  it('that is told of Ctrl-C, and waited for until it has undone', async () => {
    const stop = new AbortController();
    const onEntry = ({ type }: { type: string }): void => {
      types.push(type);
      if (type === 'run.started') stop.abort(new Error('interrupted by Ctrl-C'));
    };
    const end = await drills.run(planned('interrupted'), '1-abc', { ...events, onEntry }, stop.signal);
    assert.deepEqual([end.code, end.run?.verdict.exitCode, end.run?.ended], [130, 130, true]);
  });

  it('whose SIGKILL is told apart from every exit code, with what its journal says until then', async () => {
    const end = await drills.run(planned('killed'), '1-abc', events, never);
    assert.deepEqual([end.code, end.signal, end.run?.ended, end.run?.open], [null, 'SIGKILL', false, ['zone']]);
    assert.deepEqual(await drills.judged(run), end.run);
    assert.equal(await drills.judged('no-such-run'), null);
  });
});
