import assert from 'node:assert/strict';
import { environmentSchema } from '../../runner/environment.ts';
import { ExpectedError } from '../../runner/errors.ts';
import type { Target } from '../../runner/fault.ts';
import { watchPlatform } from '../../runner/platform-watch.ts';
import type { World } from '../../runner/world.ts';
import { simulatedClock } from './simulated-clock.ts';

async function setUp() {
  const clock = simulatedClock();
  const calls: { what: string; atMs: number }[] = [];
  const notes: string[] = [];
  const hits: Target[] = [];
  let failure: Error | undefined;
  let state = 'running';
  const api = (what: string, give: () => unknown) => async () => {
    calls.push({ what, atMs: clock.now() });
    await clock.sleep(20);
    if (failure) throw failure;
    return give();
  };
  const instance = () => ({ id: 'i-1', name: 'peer-1.test', zone: 'a', state, address: undefined, tags: {}, volumes: [] });
  const world = {
    environment: environmentSchema.parse({ name: 'x', roles: { etcd: { role: '*' } } }),
    ec2: async () => ({ instances: api('instances', () => [instance()]), volumes: api('volumes', () => []) }),
    autoScaling: async () => ({ groups: api('groups', () => []), activities: api('activities', () => []) }),
    dns: async () => ({ addresses: async () => [] }),
  } as unknown as World;
  const start = () =>
    clock.until(watchPlatform({ world, clock, hit: () => hits, milestone: () => {}, note: (text) => notes.push(text) }));
  return {
    clock,
    calls,
    notes,
    hits,
    start,
    fail: (error: Error | undefined) => (failure = error),
    become: (next: string) => (state = next),
    perSecond: async () => {
      const fromMs = clock.now();
      await clock.advance(10_000);
      return calls.filter(({ atMs }) => atMs >= fromMs).length / 10;
    },
  };
}

const signal = new AbortController().signal;

describe('the poller of the platform', () => {
  it('asks seldom while nothing is broken, and about eight times a second when something is', async () => {
    const { start, hits, perSecond, clock } = await setUp();
    const watch = await start();
    assert.ok((await perSecond()) <= 4);
    hits.push({ id: 'i-1', name: 'peer-1' } as Target);
    const busy = await perSecond();
    assert.ok(busy > 6 && busy < 9, `${busy} calls a second`);
    await watch.close();
    await clock.advance(10_000);
    assert.equal(await perSecond(), 0);
  });

  it('looks more often as soon as something is hit, not when the slow pace would have had it', async () => {
    const { start, hits, clock, calls } = await setUp();
    const watch = await start();
    await clock.advance(6000);
    hits.push({ id: 'i-1', name: 'peer-1' } as Target);
    const hitMs = clock.now();
    await clock.advance(700);
    assert.ok(calls.some(({ what, atMs }) => what === 'activities' && atMs > hitMs));
    await watch.close();
  });

  it('asks less often again when nothing changes for a while, and more often when something does', async () => {
    const { start, hits, perSecond, clock, become } = await setUp();
    const watch = await start();
    hits.push({ id: 'i-1', name: 'peer-1' } as Target);
    await clock.advance(20_000);
    const settled = await perSecond();
    assert.ok(settled <= 4, `${settled} calls a second`);
    become('terminated');
    await clock.advance(1200);
    const busy = await perSecond();
    assert.ok(busy > 6 && busy < 9, `${busy} calls a second`);
    await watch.close();
  });

  it('gives whoever waits a view that was asked for after he began to', async () => {
    const { start, clock, become } = await setUp();
    const watch = await start();
    await clock.advance(5005);
    const askedMs = clock.now();
    const waiting = watch.next(signal);
    become('terminated');
    const view = await clock.until(waiting);
    assert.ok(view.askedMs >= askedMs);
    assert.equal(view.instances[0]?.state, 'terminated');
    assert.equal(watch.latest(), view);
    await watch.close();
  });

  it('tells whoever waits when the API fails, notes it once, and goes on', async () => {
    const { start, clock, fail, notes } = await setUp();
    const watch = await start();
    fail(new Error('AWS is away'));
    const waiting = watch.next(signal);
    await assert.rejects(clock.until(waiting), /AWS is away/);
    await clock.advance(10_000);
    assert.deepEqual(notes.filter((note) => note.startsWith('instances')), ['instances and groups could not be looked at: AWS is away']);
    fail(undefined);
    assert.ok(await clock.until(watch.next(signal)));
    await watch.close();
  });

  it('stops waiting when it is told to, and at the end', async () => {
    const { start } = await setUp();
    const watch = await start();
    const controller = new AbortController();
    const waiting = watch.next(controller.signal);
    controller.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    const last = watch.next(signal);
    await watch.close();
    await assert.rejects(last, /the run ended/);
  });

  it('does not begin when the first look fails', async () => {
    const { start, fail } = await setUp();
    fail(new ExpectedError('AWS credentials have expired'));
    await assert.rejects(start(), /credentials have expired/);
  });
});
