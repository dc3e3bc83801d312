import type { Scenario } from '../scenarios/schema.ts';
import { watchCluster } from './clients/kubernetes-watches.ts';
import type { Change } from './changes.ts';
import type { ClusterWatch } from './cluster-watch.ts';
import type { Clock } from './clock.ts';
import type { Target } from './fault.ts';
import { followCluster } from './follow-cluster.ts';
import type { Journal } from './journal-file.ts';
import { letterOf, type Milestone, type RawObservation, type RawRequests } from './journal.ts';
import type { Kinds } from './kinds.ts';
import { withZones, type Plan } from './plan.ts';
import { watchPlatform, type PlatformWatch } from './platform-watch.ts';
import type { Answer, OpenProbe, ProbeContext, Turn } from './probe.ts';
import { startStream, type RunningStream } from './probing.ts';
import { rightsOf } from './rights.ts';
import { StreamState } from './steady.ts';
import { arrivalsAt } from './traffic/arrivals.ts';
import { startLoads } from './traffic/load.ts';
import { startOpenLoop } from './traffic/open-loop.ts';
import { rawWindow } from './traffic/raw-window.ts';
import type { RequestWindow } from './traffic/window.ts';
import type { World } from './world.ts';

/** How often observations are handed to the journal, in milliseconds. */
const flushEveryMs = 250;
const mostTurnsASecond = 20;

export interface WatchingInput {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly world: World;
  readonly kinds: Kinds;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly run: { readonly id: string; readonly drill: string };
  /** What the faults have hit so far. */
  hit(): readonly Target[];
  /** The calls so far that changed something. */
  changes(): readonly Change[];
}

/** All probes of a run, asking. */
export interface Watching {
  readonly streams: readonly StreamState[];
  stop(): Promise<void>;
}

/**
 * Opens every probe and starts to ask. Observations and milestones go to the journal.
 *
 * @throws ExpectedError when a probe can't work on this platform
 */
export async function startWatching(input: WatchingInput): Promise<Watching> {
  const { world, journal, clock } = input;
  const stoppers: (() => Promise<void>)[] = [];
  const streams: StreamState[] = [];
  const milestone = ({ notYet, seen, ...rest }: Milestone): void =>
    journal.append('milestone', {
      ...rest,
      notYet: notYet === null ? null : journal.runTime(notYet),
      seen: journal.runTime(seen),
    });
  const note = (text: string): void => journal.append('note', { text });
  const stop = async (): Promise<void> => {
    for (const stopper of stoppers.splice(0).reverse()) await stopper();
  };
  try {
    // A drill that has nothing to do with AWS asks it nothing, and needs no right there.
    const asksAws = rightsOf([input.scenario], input.kinds).iam.length > 0;
    const platform: PlatformWatch | undefined = world.environment.aws && asksAws
      ? await watchPlatform({ world, clock, hit: input.hit, milestone, note })
      : undefined;
    if (platform) stoppers.push(() => platform.close());
    const kubernetes: ClusterWatch | undefined = world.environment.kubernetes
      ? watchCluster({ api: async () => (await world.kubernetes()).connection, clock, note })
      : undefined;
    if (kubernetes) {
      stoppers.push(() => kubernetes.close());
      const planned = input.plan.faults.flatMap(({ targets }) => targets);
      const unfollow = await followCluster({ cluster: kubernetes, clock, planned, hit: input.hit, milestone, note });
      stoppers.push(async () => unfollow());
    }
    const opened = await openAll({ ...input, platform, kubernetes, milestone, note }, stoppers);
    const blind = recordBlindness(journal);
    stoppers.push(await startLoads({ scenario: input.scenario, world, journal, clock, blind }));
    let phase = 0;
    for (const { name, probe, everyMs, timeoutMs } of opened) {
      for (const stream of probe.streams) {
        const state = new StreamState(name, stream.name, { everyMs, timeoutMs });
        streams.push(state);
        const recorder = recordTo(journal, clock, name, state);
        // Streams of one pace would all ask in the same instant and wait for each other: spread them over the interval.
        const startAtMs = clock.now() + everyMs * ((phase++ * 0.381_966) % 1);
        const running: RunningStream = startStream({ stream, everyMs, timeoutMs, clock, startAtMs, blind, ...recorder });
        const unfollow = stream.follow?.((turn) => recorder.turned(turn));
        stoppers.push(async () => {
          unfollow?.();
          await running.stop();
          recorder.finish();
        });
      }
      for (const { name: streamName, sender, perSecond, answerOf } of probe.requests ?? []) {
        const state = new StreamState(name, streamName, { everyMs, timeoutMs });
        streams.push(state);
        const recorder = recordTo(journal, clock, name, state);
        const record = (window: RequestWindow): void => recorder.counted(window, answerOf(window));
        const running = startOpenLoop({ sender, arrivals: arrivalsAt(perSecond), startAtMs: clock.now(), windowMs: everyMs, timeoutMs, clock, record, blind });
        stoppers.push(async () => {
          await running.stop();
          recorder.finish();
        });
      }
    }
    return { streams, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface OpenedProbe {
  readonly name: string;
  readonly probe: OpenProbe;
  readonly everyMs: number;
  readonly timeoutMs: number;
}

async function openAll(
  { scenario, plan, kinds, ...context }: WatchingInput & Pick<ProbeContext, 'platform' | 'kubernetes' | 'milestone' | 'note'>,
  stoppers: (() => Promise<void>)[],
): Promise<OpenedProbe[]> {
  const opened: OpenedProbe[] = [];
  for (const [name, spec] of Object.entries(scenario.probes)) {
    const kind = kinds.probes[spec.kind];
    if (!kind) throw new Error(`there is no probe kind ${spec.kind}`);
    const { every: everyMs = kind.defaults.everyMs, timeout: timeoutMs = kind.defaults.timeoutMs } = spec;
    const { world, clock, run, hit, changes, platform, kubernetes, milestone, note } = context;
    const own = { world, clock, run, name, timeoutMs, hit, changes, platform, kubernetes, milestone, note, ...traces(context.journal, name, spec.kind) };
    const probe = await kind.open({ ...spec, ...withZones(spec, plan.zones) }, own);
    stoppers.push(() => probe.close());
    opened.push({ name, probe, everyMs, timeoutMs });
  }
  return opened;
}

/** What a probe leaves behind: in the run's folder, and, until it is taken away, on the platform. */
function traces(journal: Journal, probe: string, kind: string): Pick<ProbeContext, 'folder' | 'leaves' | 'recorded'> {
  return {
    folder: journal.folder,
    async leaves(says, undo) {
      journal.append('probe.leaves', { probe, kind, says, undo });
      await journal.commit();
      return (verified, said) => journal.append('probe.cleaned', { probe, verified, said });
    },
    recorded: (file, lines) => journal.append('history', { probe, file, lines }),
  };
}

/** Gathers a stream's observations and gives them to the journal by the quarter second. */
function recordTo(journal: Journal, clock: Clock, probe: string, state: StreamState) {
  let raw: RawObservation[] = [];
  let takeBack: (() => void) | undefined;
  const flush = (): void => {
    takeBack = undefined;
    if (raw.length > 0) journal.append('observations', { probe, stream: state.name, raw });
    raw = [];
  };
  const write = (startMs: number, endMs: number, { value, why, detail }: Answer, requests?: RawRequests): void => {
    const observation: RawObservation = [journal.runTime(startMs), journal.runTime(endMs), letterOf[value]];
    if (why !== undefined || detail !== undefined || requests) observation.push(why ?? '');
    if (detail !== undefined || requests) observation.push(detail ?? {});
    if (requests) observation.push(requests);
    raw.push(observation);
    takeBack ??= clock.schedule(clock.now() + flushEveryMs, flush);
  };
  let turnsUntilMs = -Infinity;
  let turns = 0;
  return {
    record(startMs: number, endMs: number, answer: Answer): void {
      state.observe(startMs, endMs, answer.value, answer.why ?? '');
      write(startMs, endMs, answer);
    },
    counted(window: RequestWindow, answer: Answer): void {
      state.observe(window.bad && answer.value === 'bad' ? window.bad.firstMs : window.fromMs, window.endMs, answer.value, answer.why ?? '');
      write(window.fromMs, window.endMs, answer, rawWindow(window, (ms) => journal.runTime(ms)));
    },
    /** As two observations, at the edges of the interval in which it happened. */
    turned({ was, notYetMs, is, seenMs }: Turn): void {
      state.observe(seenMs, seenMs, is.value, is.why ?? '');
      if (seenMs >= turnsUntilMs) [turnsUntilMs, turns] = [seenMs + 1_000, 0];
      turns += 1;
      // What flaps is told by its questions: the journal must not grow with it.
      if (turns > mostTurnsASecond) return;
      write(notYetMs, notYetMs, was);
      write(seenMs, seenMs, is);
    },
    finish(): void {
      takeBack?.();
      flush();
    },
  };
}

/** All streams of a process that stood still tell of it: what one has told already is left out. */
function recordBlindness(journal: Journal): (fromMs: number, toMs: number) => void {
  let toldUntilMs = -Infinity;
  return (fromMs, toMs) => {
    if (toMs <= toldUntilMs) return;
    journal.append('blind', { from: journal.runTime(Math.max(fromMs, toldUntilMs)), to: journal.runTime(toMs) });
    toldUntilMs = toMs;
  };
}
