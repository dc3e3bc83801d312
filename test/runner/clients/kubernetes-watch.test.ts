import assert from 'node:assert/strict';
import type { Change, WatchedPod } from '../../../runner/cluster-watch.ts';
import { watchCluster } from '../../../runner/clients/kubernetes-watches.ts';
import { FakeKubernetesApi, rawPod, refused } from '../fake-kubernetes-api.ts';
import { simulatedClock } from '../simulated-clock.ts';

async function setUp(pods = 3) {
  const clock = simulatedClock();
  const api = new FakeKubernetesApi(clock);
  for (let index = 1; index <= pods; index += 1) api.put('pods', rawPod(`web-${index}`));
  const notes: string[] = [];
  const watches = watchCluster({ api: async () => api, clock, note: (text) => notes.push(text) });
  const collection = await clock.until(watches.open({ collection: 'pods', namespace: 'shop' }));
  await clock.advance(20);
  const changes: Change<WatchedPod>[] = [];
  collection.onChange((change) => changes.push(change));
  const close = async (): Promise<void> => clock.until(watches.close());
  const readyNow = (): number => [...collection.items.values()].filter(({ ready }) => ready).length;
  /** Whether it is known by `withinMs` from now. */
  const settles = async (withinMs: number): Promise<boolean> => {
    const late = new AbortController();
    clock.schedule(clock.now() + withinMs, () => late.abort(new Error('late')));
    return clock.until(collection.settled(late.signal).then(() => true, () => false));
  };
  return { clock, api, notes, watches, collection, changes, close, readyNow, settles };
}

describe('a watch of a Kubernetes collection', () => {
  it('lists once, and tells each change with the time at which it arrived', async () => {
    const { clock, api, collection, changes, close } = await setUp();
    assert.equal(collection.items.size, 3);
    assert.equal(collection.doubt(), undefined);
    await clock.advance(700);
    const atMs = clock.now();
    api.put('pods', rawPod('web-2', { ready: false }));
    await clock.advance(1);
    assert.equal(changes.length, 1);
    const [{ before, after, seenMs, notYetMs, live }] = changes as [Change<WatchedPod>];
    assert.deepEqual([before?.ready, after?.ready, live], [true, false, true]);
    assert.equal(seenMs, atMs);
    assert.ok(notYetMs < atMs && notYetMs >= atMs - 60, `not yet ${atMs - notYetMs} ms before`);
    await close();
  });

  it('tells what has come and gone', async () => {
    const { clock, api, collection, changes, close } = await setUp();
    api.remove('uid-web-1');
    api.put('pods', rawPod('web-4', { ready: false, node: '' }));
    await clock.advance(1);
    assert.deepEqual(changes.map(({ before, after }) => [before?.name, after?.name]), [['web-1', undefined], [undefined, 'web-4']]);
    assert.deepEqual([...collection.items.keys()], ['uid-web-2', 'uid-web-3', 'uid-web-4']);
    await close();
  });

  it('is shared by all who ask for the same', async () => {
    const { watches, collection, close } = await setUp();
    assert.equal(await watches.open({ collection: 'pods', namespace: 'shop' }), collection);
    await close();
  });

  it('lists in pages', async () => {
    const { api, collection, close } = await setUp(1_234);
    assert.equal(collection.items.size, 1_234);
    assert.equal(api.lists().filter(({ query }) => query?.['limit'] === 500).length, 3);
    await close();
  });

  it('goes on where it was when the server ends it every second, and is blind for no longer than that takes', async () => {
    const { clock, api, collection, changes, close, settles } = await setUp();
    for (let second = 0; second < 20; second += 1) {
      await clock.advance(990);
      api.endStreams();
      await clock.advance(1);
      assert.match(collection.doubt() ?? '', /interrupted/);
      api.put('pods', rawPod('web-1', { ready: second % 2 === 1 }));
      assert.ok(await settles(20), `not settled again in second ${second}`);
    }
    assert.equal(changes.length, 20);
    assert.equal(api.lists().filter(({ accept }) => accept === undefined).length, 1, 'it never listed again');
    await close();
  });

  it('gives a change that it missed an error bar that covers the gap', async () => {
    const { clock, api, changes, close } = await setUp();
    api.down = refused();
    api.endStreams(new Error('reset'));
    const lostMs = clock.now();
    await clock.advance(4_000);
    api.put('pods', rawPod('web-1', { ready: false }));
    await clock.advance(3_000);
    api.down = undefined;
    await clock.advance(1_500);
    const [change] = changes;
    assert.ok(change && !change.live);
    assert.ok(change.notYetMs <= lostMs && change.seenMs >= lostMs + 7_000);
    await close();
  });

  it('is in doubt while the API is away, and says why', async () => {
    const { clock, api, collection, close, settles } = await setUp();
    api.down = refused();
    api.endStreams(new Error('reset'));
    await clock.advance(100);
    for (let second = 0; second < 10; second += 1) {
      assert.match(collection.doubt() ?? '', /the watch of pods is interrupted.*ECONNREFUSED/);
      await clock.advance(1_000);
    }
    api.down = undefined;
    assert.ok(await settles(1_100));
    await close();
  });

  it('is in doubt when the stream stays open and the API does not answer, as while etcd is away', async () => {
    const { clock, api, collection, close, settles } = await setUp();
    api.down = new Error('504');
    await clock.advance(5_000);
    assert.match(collection.doubt() ?? '', /silent, and the list does not answer: 504/);
    api.down = undefined;
    assert.ok(await settles(1_100));
    assert.equal(collection.items.size, 3);
    await close();
  });

  it('lists again when its position is too old, which comes as an event in a stream that was opened', async () => {
    const { clock, api, changes, collection, close } = await setUp();
    await clock.advance(2_000);
    api.down = refused();
    api.endStreams();
    api.put('pods', rawPod('web-4'));
    api.remove('uid-web-1');
    await clock.advance(300);
    api.compact();
    api.down = undefined;
    await clock.advance(1_500);
    assert.equal(collection.doubt(), undefined);
    assert.deepEqual([...collection.items.values()].map(({ name }) => name).sort(), ['web-2', 'web-3', 'web-4']);
    assert.deepEqual(changes.map(({ before, after, live }) => [before?.name, after?.name, live]), [['web-1', undefined, false], [undefined, 'web-4', false]]);
    assert.equal(api.lists().filter(({ accept }) => accept === undefined).length, 2);
    await close();
  });

  for (const endless of [false, true]) {
    it(`finds the truth within two seconds when the watch stalls silently${endless ? ', and never ends' : ''}`, async () => {
      const { clock, api, changes, notes, readyNow, close } = await setUp();
      await clock.advance(10_000);
      api.stalled = true;
      api.endless = endless;
      for (let round = 0; round < 5; round += 1) {
        api.put('pods', rawPod('web-1', { ready: round % 2 === 1 }));
        await clock.advance(2_000);
        assert.equal(readyNow(), round % 2 === 1 ? 3 : 2);
      }
      assert.equal(changes.length, 5);
      assert.ok(changes.every(({ live, seenMs, notYetMs }) => !live && seenMs - notYetMs < 2_500));
      assert.equal(notes.length, 1);
      assert.match(notes[0]!, /the watch of pods in namespace shop had stalled/);
      await close();
    });
  }

  it('does not take a watch that is a little late for a stalled one', async () => {
    const { clock, api, notes, close } = await setUp();
    for (let round = 0; round < 30; round += 1) {
      api.stalled = true;
      const name = `late-${round}`;
      api.put('pods', rawPod(name));
      await clock.advance(150);
      api.stalled = false;
      for (const stream of api.streams) stream.send({ type: 'ADDED', object: { ...rawPod(name), metadata: { ...rawPod(name).metadata, resourceVersion: String(104 + round) } } });
      await clock.advance(350);
    }
    assert.deepEqual(notes, []);
    await close();
  });

  it('does not believe a large watch that tells nothing, not even bookmarks, and lists a large collection again only then', async () => {
    const { clock, api, collection, close, notes } = await setUp(1_200);
    const lists = (): number => api.lists().filter(({ query, accept }) => accept === undefined && query?.['limit'] === 500).length;
    await clock.advance(60_000);
    assert.equal(lists(), 3, 'three pages, once');
    assert.equal(collection.doubt(), undefined);
    assert.ok(api.lists().slice(3).every(({ query }) => query?.['limit'] === 1));
    api.stalled = true;
    api.endless = true;
    api.put('pods', rawPod('web-777', { ready: false }));
    await clock.advance(8_000);
    assert.equal(collection.items.get('uid-web-777')?.ready, false);
    assert.equal(notes.length, 1);
    await close();
  });

  it('opens a watch again with patience when the server ends it at once', async () => {
    const { clock, api, close } = await setUp();
    const before = api.requests.length;
    for (let step = 0; step < 1_000; step += 1) {
      api.endStreams();
      await clock.advance(10);
    }
    const opened = api.requests.slice(before).filter(({ verb }) => verb === 'watch').length;
    assert.ok(opened < 40, `opened ${opened} times in 10 s`);
    await close();
  });

  it('dates what arrived while the process stood still to before that', async () => {
    const { clock, api, changes, close } = await setUp();
    await clock.advance(700);
    const stoodMs = clock.now();
    api.put('pods', rawPod('web-1', { ready: false }));
    clock.standStill(400);
    await clock.advance(60);
    assert.ok(changes[0]!.notYetMs <= stoodMs);
    await close();
  });

  it('says once that the clocks differ, and dates nothing by what the API dates', async () => {
    const clock = simulatedClock();
    const api = new FakeKubernetesApi(clock);
    api.aheadMs = 185_000;
    const notes: string[] = [];
    const watches = watchCluster({ api: async () => api, clock, note: (text) => notes.push(text) });
    const pods = await clock.until(watches.open({ collection: 'pods', namespace: 'shop' }));
    await clock.until(watches.open({ collection: 'nodes' }));
    assert.deepEqual(notes, ["Kubernetes: its clock is 185s ahead of this machine's; all times of this run are this machine's"]);
    const changes: Change<WatchedPod>[] = [];
    pods.onChange((change) => changes.push(change));
    await clock.advance(700);
    const atMs = clock.now();
    const pod = rawPod('web-1');
    api.put('pods', { ...pod, metadata: { ...pod.metadata, creationTimestamp: new Date(clock.wall() + api.aheadMs).toISOString() } });
    await clock.advance(1);
    assert.equal(changes[0]?.seenMs, atMs);
    assert.ok(atMs - changes[0].notYetMs < 60);
    await clock.until(watches.close());
  });

  it('passes on what the API says when it can not be listed at all', async () => {
    const clock = simulatedClock();
    const api = new FakeKubernetesApi(clock);
    api.down = refused();
    const watches = watchCluster({ api: async () => api, clock, note: () => {} });
    await assert.rejects(clock.until(watches.open({ collection: 'pods' })), /ECONNREFUSED/);
    await watches.close();
  });
});
