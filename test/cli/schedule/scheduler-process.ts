// A scheduler as a process of its own, with a stand-in for firedrill, and a clock on the wall on which a minute takes a second.
// `node scheduler-process.ts <state folder> <folder of runs> <when the clock began, real>`
import { realClock, type Clock } from '../../../runner/clock.ts';
import { Refused } from '../../../runner/errors.ts';
import { platformKey } from '../../../runner/platform-key.ts';
import { openStateFile } from '../../../runner/schedule/state-file.ts';
import { drillsOf } from '../../../runner/schedule/slot-drills.ts';
import { runSchedule } from '../../../runner/schedule/scheduler.ts';
import { whatItLeft } from '../../../cli/schedule/interrupted.ts';
import { runSlotDrills } from '../../../cli/schedule/slot-run.ts';
import { lockState } from '../../../cli/schedule/state-lock.ts';
import { sampleEnvironment } from '../../runner/sample-platform.ts';
import { sampleScenario } from '../../runner/sample-scenario.ts';
import { join } from 'node:path';

const [folder = '', out = '', began = '0'] = process.argv.slice(2);
const quick = 60;
// Time on the wall goes 60 times as fast; so does the time that sleeps are told in.
const clock: Clock = {
  now: () => realClock.now() * quick,
  wall: () => Number(began) + (realClock.wall() - Number(began)) * quick,
  sleep: (durationMs, signal) => realClock.sleep(durationMs / quick, signal),
  schedule: (atMs, task) => realClock.schedule(atMs / quick, task),
};
const note = (text: string): void => void process.stdout.write(`${text}\n`);
const environment = { ...sampleEnvironment(), lock: { file: join(out, 'none.lock') } };
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort(new Error('ended by SIGTERM')));

try {
  const state = await openStateFile(folder, realClock);
  const lock = await lockState(folder, realClock, note);
  const slots = [{ drills: [{ drill: 'small' }] }];
  const exits = await runSchedule({
    recurring: [{ name: 'often', cron: '* * * * *', timeZone: 'UTC', jitterMs: 0, lateMs: 50_000 }],
    state: { ...state, append: (record) => state.append(record) },
    clock,
    stop: stop.signal,
    note,
    look: (open) => whatItLeft(open, out, { environment, file: 'e.yaml' }),
    run: (slot, signal) =>
      runSlotDrills(slot, {
        folder, state, clock: realClock, note,
        child: { program: [process.execPath, join(import.meta.dirname, 'stand-in.ts')], out },
        calendar: {},
        betweenKillsMs: undefined,
        platform: platformKey(environment),
        stopsWhenBroken: true,
        drillsOf: async (one) => drillsOf(one, slots[0]!, [], (drill) => drill),
        scenarioOf: async () => sampleScenario({}),
      }, signal),
  });
  await lock.release();
  await state.close();
  process.exitCode = exits.at(-1) ?? 0;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = error instanceof Refused ? 3 : 1;
}
