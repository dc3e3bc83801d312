import { withDeadline, type Clock } from './clock.ts';
import { messageOf } from './errors.ts';
import type { Target } from './fault.ts';
import type { Group, Instance, Volume } from './inventory.ts';
import type { Milestone } from './journal.ts';
import { withRoles } from './look.ts';
import { PlatformHistory } from './platform-history.ts';
import type { World } from './world.ts';

/** Instances and groups as they were at some moment between the two times, on {@link Clock.now}. */
export interface PlatformView {
  readonly instances: readonly Instance[];
  readonly groups: readonly Group[];
  readonly askedMs: number;
  readonly seenMs: number;
}

/** The one poller of the platform's APIs: probes share what it sees, so that the APIs are not asked for each of them. */
export interface PlatformWatch {
  /** The newest view; undefined before the first. */
  latest(): PlatformView | undefined;
  /**
   * A view that is asked for after this call, so that it shows what is true from now on.
   *
   * @throws what the API's client threw; the signal's reason
   */
  next(signal: AbortSignal): Promise<PlatformView>;
  /** The volumes likewise. */
  nextVolumes(signal: AbortSignal): Promise<readonly Volume[]>;
  close(): Promise<void>;
}

export interface PlatformWatchInput {
  readonly world: World;
  readonly clock: Clock;
  /** What the faults have hit so far. */
  hit(): readonly Target[];
  milestone(milestone: Milestone): void;
  note(text: string): void;
}

/** Each API is asked this often, in milliseconds, and less often while nothing happens: they throttle. */
const everyMs = { busy: 500, calm: 1000 };
const activitiesEveryMs = { busy: 800, calm: 5000 };
/** The name server is asked for what was hit only. */
const dnsEveryMs = { busy: 250, calm: 1000 };
/** Nothing happens when nothing was hit or seen to change for this long. */
const settledAfterMs = 15_000;
const napMs = 100;
const timeoutMs = 5000;

/**
 * Begins to watch instances, groups, volumes, scaling activities and names, at most eight API calls a second. Milestones
 * are told of instances that have a role, and of all that concerns what was hit.
 *
 * @throws ExpectedError when the first look fails
 */
export async function watchPlatform({ world, clock, hit, milestone, note }: PlatformWatchInput): Promise<PlatformWatch> {
  const [ec2, autoScaling, dns] = await Promise.all([world.ec2(), world.autoScaling(), world.dns()]);
  const closed = new AbortController();
  let stirred = { hits: 0, atMs: -Infinity };
  const history = new PlatformHistory({
    hit,
    milestone(change) {
      if (hit().length > 0) stirred = { hits: hit().length, atMs: clock.now() };
      milestone(change);
    },
  });
  let newest: PlatformView | undefined;
  const views = waitingRoom<PlatformView>();
  const volumeLists = waitingRoom<readonly Volume[]>();

  const lookAtMachines = async (signal: AbortSignal): Promise<void> => {
    const { resolve, reject } = views.call();
    const askedMs = clock.now();
    try {
      const [instances, groups] = await Promise.all([ec2.instances({ signal }), autoScaling.groups({ signal })]);
      newest = { ...withRoles(instances, groups, world), askedMs, seenMs: clock.now() };
      history.sawMachines(newest);
      resolve(newest);
    } catch (error) {
      reject(error);
      throw error;
    }
  };
  const lookAtVolumes = async (signal: AbortSignal): Promise<void> => {
    const { resolve, reject } = volumeLists.call();
    const askedMs = clock.now();
    try {
      const volumes: readonly Volume[] = await ec2.volumes({ signal });
      history.sawVolumes(volumes, { askedMs, seenMs: clock.now() });
      resolve(volumes);
    } catch (error) {
      reject(error);
      throw error;
    }
  };
  const lookAtActivities = async (signal: AbortSignal): Promise<void> => {
    const askedMs = clock.now();
    const activities = await autoScaling.activities({ signal });
    history.sawActivities(activities, { askedMs, seenMs: clock.now() });
  };
  const lookAtNames = async (signal: AbortSignal): Promise<void> => {
    await Promise.all(
      history.hostNames().map(async (name) => {
        const askedMs = clock.now();
        const addresses = await dns.addresses(name, signal);
        history.sawAddresses(name, addresses, { askedMs, seenMs: clock.now() });
      }),
    );
  };

  const told = new Set<string>();
  const repeat = async (what: string, look: (signal: AbortSignal) => Promise<void>, pace: () => number): Promise<void> => {
    while (!closed.signal.aborted) {
      const startMs = clock.now();
      try {
        await withDeadline(clock, timeoutMs, what, look);
      } catch (error) {
        const text = `${what} could not be looked at: ${messageOf(error)}`;
        if (!told.has(text) && !closed.signal.aborted) note(text);
        told.add(text);
      }
      // In short naps: the pace changes as soon as something is hit.
      while (!closed.signal.aborted && clock.now() < startMs + pace()) {
        await clock.sleep(Math.min(napMs, startMs + pace() - clock.now()), closed.signal).catch(ignore);
      }
    }
  };
  const byPace = (pace: { busy: number; calm: number }) => () => {
    if (hit().length > stirred.hits) stirred = { hits: hit().length, atMs: clock.now() };
    return clock.now() < stirred.atMs + settledAfterMs ? pace.busy : pace.calm;
  };

  await withDeadline(clock, timeoutMs * 2, 'the platform', async (signal) => {
    await Promise.all([lookAtMachines(signal), lookAtVolumes(signal), lookAtActivities(signal)]);
  });
  const loops = Promise.all([
    repeat('instances and groups', lookAtMachines, byPace(everyMs)),
    repeat('volumes', lookAtVolumes, byPace(everyMs)),
    repeat('scaling activities', lookAtActivities, byPace(activitiesEveryMs)),
    repeat('names', lookAtNames, byPace(dnsEveryMs)),
  ]);
  return {
    latest: () => newest,
    next: (signal) => views.next(signal),
    nextVolumes: (signal) => volumeLists.next(signal),
    async close() {
      closed.abort(new Error('the run ended'));
      for (const room of [views, volumeLists]) room.call().reject(new Error('the run ended'));
      // A look under way ends by itself, within its deadline; nobody waits for what it sees.
      loops.catch(ignore);
    },
  };
}

/** Those who wait for the next look: one that begins after they came. */
function waitingRoom<T>() {
  let waiting = Promise.withResolvers<T>();
  waiting.promise.catch(ignore);
  return {
    /** A look begins: who comes from here on waits for the next. */
    call() {
      const called = waiting;
      waiting = Promise.withResolvers<T>();
      waiting.promise.catch(ignore);
      return called;
    },
    async next(signal: AbortSignal): Promise<T> {
      signal.throwIfAborted();
      const aborted = Promise.withResolvers<never>();
      const abort = (): void => aborted.reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      try {
        return await Promise.race([waiting.promise, aborted.promise]);
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
  };
}

/** For rejections that are told elsewhere. */
function ignore(): void {
  // The same rejection reaches whoever asked, or the journal.
}
