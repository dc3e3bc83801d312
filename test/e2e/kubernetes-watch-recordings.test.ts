import { deepEqual, equal, ok } from 'node:assert/strict';
import { writeContinue } from '../../lab/kubernetes/api/verbs/continue-token.ts';
import { readRecording, replay } from './kubernetes-replay.ts';
import { send, type ApiAnswer, type ApiRequest } from './kubernetes-request.ts';
import { bookmarksOf, readWatch, replayWatch, revisionsOutOfOrder, type WatchRecording, type WatchReplay } from './kubernetes-watch-replay.ts';
import { startLocalApiServer, type LocalApiServer } from './local-api-server.ts';

type Json = ReturnType<JSON['parse']>;

// The watches of the lab's API server against those of a real one: what events come, in what order, with what revisions, and
// how the stream ends. The recordings are parts of one story and are replayed as such: each test goes on where the one before ended.

describe('watches of the API server go as the recorded ones', () => {
  let server: LocalApiServer;
  /** Revisions and uids of the recordings, and what they are here: the same in all of them. */
  const values = new Map<string, string>();
  const replayed: WatchRecording[] = [];

  const ask = async (request: ApiRequest, status: number): Promise<ApiAnswer['body']> => {
    const answer = await send(server, server.adminToken, request);
    equal(answer.status, status, `${request.method ?? 'GET'} ${request.path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const configMaps = '/api/v1/namespaces/wtch/configmaps';
  const post = (path: string, body: object): Promise<Json> => ask({ method: 'POST', path, body }, 201);
  const patch = (path: string, body: object): Promise<Json> => ask({ method: 'PATCH', path, body, headers: { 'Content-Type': 'application/merge-patch+json' } }, 200);
  const remove = (path: string, body?: object): Promise<Json> => ask({ method: 'DELETE', path, ...(body ? { body } : {}) }, 200);
  const revisionNow = async (): Promise<string> => (await ask({ path: configMaps }, 200)).metadata.resourceVersion;
  const configMap = (name: string, labels?: object): object => ({ metadata: { name, ...(labels ? { labels } : {}) }, data: { k: 'v' } });
  /** What is seen after all that was recorded. It is gone again when it has been seen. */
  const afterwards = async (): Promise<void> => {
    await post(configMaps, configMap('zz-after', { after: 'all', a: '1' }));
    await remove(`${configMaps}/zz-after`);
  };
  const check = async (name: string | WatchRecording, options: Partial<WatchReplay> = {}): Promise<void> => {
    const recording = typeof name === 'string' ? readWatch(name) : name;
    replayed.push(recording);
    deepEqual(await replayWatch(recording, { server, values, after: afterwards, ...options }), []);
  };
  const compact = async (revision: string): Promise<void> => {
    const answer = await fetch(`${server.etcd.endpoints[0]}/v3/kv/compaction`, { method: 'POST', body: JSON.stringify({ revision, physical: true }) });
    equal(answer.status, 200, await answer.text());
  };

  before(async function () {
    this.timeout(60_000);
    server = await startLocalApiServer();
    for (const name of ['wtch', 'empty', 'demo']) await post('/api/v1/namespaces', { metadata: { name } });
  });
  after(async () => server?.close());

  it('from a revision: what is made, changed and deleted, and nothing for a change that changes nothing', async () => {
    values.set('3244', (await ask({ path: `${configMaps}/kube-root-ca.crt` }, 200)).metadata.resourceVersion);
    await check('4-semantics/watch-from-resourceVersion', {
      async during() {
        await post(configMaps, configMap('one'));
        await patch(`${configMaps}/one`, { data: { k: 'w' } });
        await patch(`${configMaps}/one`, { data: { k: 'w' } });
        await remove(`${configMaps}/one`);
      },
    });
  });

  it('from a revision that is past: all that is replayed', () => check('4-semantics/watch-replays-the-past', { after: async () => {} }));

  it('without a revision and from 0: what there is, and a bookmark where it ends', async () => {
    await post(configMaps, configMap('two', { a: '1' }));
    const pem = { ignore: ['object.data.ca.crt'] };
    await check('4-semantics/watch-no-resourceVersion', pem);
    await check('4-semantics/watch-resourceVersion-0', pem);
    await check('4-semantics/watch-sendInitialEvents', pem);
    await check('4-semantics/watch-timeoutSeconds', pem);
  });

  it('of one object, and from a revision that is still to come', async () => {
    await check('4-semantics/watch-fieldSelector-one-object');
    values.set('1003244', String(1_000_000 + Number(values.get('3244'))));
    await check('4-semantics/watch-future-resourceVersion', { during: afterwards });
    values.delete('1003244');
  });

  it('with a selector: what leaves it is deleted, what enters it is added', () =>
    check('4-semantics/watch-labelSelector-leave-and-enter', {
      async during(watch) {
        await watch.until(1);
        await patch(`${configMaps}/two`, { metadata: { labels: { a: '2' } } });
        await patch(`${configMaps}/two`, { metadata: { labels: { a: '1' } } });
      },
    }));

  it('as tables of one row, the first of them with its columns', () =>
    check('4-semantics/watch-as-Table', {
      shown: (table: Json) => ({ ...table, rows: table.rows.map((row: Json) => ({ ...row, cells: row.cells.map(withoutAge) })) }),
      ignore: ['object.columnDefinitions[].description'],
      async during(watch) {
        await watch.until(2);
        await patch(`${configMaps}/two`, { data: { z: '1' } });
      },
    }));

  it('by the old path', async () => {
    for (const [at, { request, response }] of readRecording('4-semantics/watch-old-path').exchanges.entries()) {
      const events = typeof response.body === 'string' ? response.body.trim().split('\n').map((line): Json => JSON.parse(line)) : [response.body];
      await check({ name: `4-semantics/watch-old-path #${at}`, path: request.path, headers: request.headers ?? {}, answered: response.headers, events, endedByItself: true }, { ignore: ['object.data.ca.crt'] });
    }
  });

  it('from a revision that etcd has forgotten and this server has not', async () => {
    await post('/api/v1/namespaces/empty/configmaps', configMap('elsewhere'));
    values.set('3646', await revisionNow());
    for (const name of ['x0', 'x1', 'x2']) await post(configMaps, configMap(name));
    await compact(await revisionNow());
    await check('4-semantics/watch-after-compaction');
  });

  it('with bookmarks that tell how far it is: each minute, and before the end', async () => {
    await post('/api/v1/namespaces/demo/configmaps', configMap('before'));
    values.set('6745', await revisionNow());
    // A minute is four seconds here, and what is left of the recorded 70 s is as it was.
    const { url } = await server.startAnother({ timing: { bookmarkEveryMs: 4000 } });
    const long = readWatch('4-semantics/watch-bookmark-each-minute');
    const written = Promise.withResolvers<void>();
    await Promise.all([
      check('4-semantics/watch-bookmark-before-timeout', {
        async during() {
          const { metadata } = await post('/api/v1/namespaces/demo/configmaps', configMap('elsewhere'));
          values.set('6746', metadata.resourceVersion);
          written.resolve();
        },
      }),
      written.promise.then(() => check({ ...long, path: long.path.replace('timeoutSeconds=70', 'timeoutSeconds=7') }, { server: { ...server, url } })),
    ]);
  });

  it('with the last state of what is deleted: a Pod that does not end when it is told to', async () => {
    const pods = '/api/v1/namespaces/demo/pods';
    const recording = readWatch('4-semantics/delete-pod-grace.watch');
    const pod = { metadata: { name: 's1' }, spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }], nodeName: 'node-1', terminationGracePeriodSeconds: 20 } };
    // What the kubelet and the container did, as it was recorded.
    const report = ({ object, containers }: Json): Promise<Json> => {
      const conditions = object.status.conditions.map((text: string) => ({ type: text.split('=')[0], status: text.split('=')[1] }));
      return patch(`${pods}/s1/status`, { status: { phase: object.status.phase, conditions, containerStatuses: containers.map((each: Json) => ({ name: 'app', ...each })) } });
    };
    const [first, alsoRunning, , ended] = recording.events;
    const made = await post(pods, pod);
    await report(first);
    const { resourceVersion } = (await ask({ path: `${pods}/s1` }, 200)).metadata;
    // This is an earlier story: its revisions don't fit into the others'.
    const own = new Map<string, string>([['1123', resourceVersion], [first!.object.metadata.uid, made.metadata.uid]]);
    await check(recording, {
      values: own,
      shown: shownOfPod,
      async during(watch) {
        await remove(`${pods}/s1`);
        await report({ ...alsoRunning, containers: (alsoRunning as Json).containers.map((each: Json) => ({ ...each, started: true })) });
        await remove(`${pods}/s1`);
        await remove(`${pods}/s1`, { gracePeriodSeconds: 2 });
        await report(ended);
        const askedMs = Math.floor(Date.now() / 1000) * 1000;
        await remove(`${pods}/s1`, { gracePeriodSeconds: 0 });
        await watch.until(recording.events.length);
        // It had less time left than it was over already: the end is now, not in the past.
        ok(Date.parse(watch.events.at(-1)!.object.metadata.deletionTimestamp) >= askedMs);
      },
      after: () => post(pods, { ...pod, metadata: { name: 's1', labels: { after: 'all' } } }),
    });
    deepEqual(revisionsOutOfOrder(own, new Set()), []);
  });

  it('with revisions that grow as the recorded ones did', () => deepEqual(revisionsOutOfOrder(values, bookmarksOf(replayed)), []));

  it('and end with 410 where a server that was started since knows no more', async () => {
    const old = await revisionNow();
    await post('/api/v1/namespaces/demo/configmaps', configMap('since'));
    await post('/api/v1/namespaces/demo/events', { metadata: { name: 'since' }, involvedObject: { namespace: 'demo' }, reason: 'Since' });
    const now = await revisionNow();
    await compact(now);
    const another = { ...server, url: (await server.startAnother()).url };
    const restarted: Partial<WatchReplay> = { server: another, values: new Map([['6444', old], ['6458', now]]) };
    await check('4-semantics/watch-too-old-410', restarted);
    await check('4-semantics/watch-too-old-410-from-etcd', restarted);

    const { exchanges } = readRecording('4-semantics/after-compaction');
    const tokens = exchanges.flatMap(({ request }) => /continue=([^&]+)/.exec(request.path)?.[1] ?? []);
    const known = Object.fromEntries(tokens.map((token) => [token, writeContinue({ revision: Number(old), after: startOf(token) })]));
    const given: string[] = [];
    const differences = await replay('4-semantics/after-compaction', {
      known: { ...known, '6444': old },
      async send(request) {
        const answer = await send(another, server.adminToken, request);
        if (answer.body.metadata?.continue) given.push(answer.body.metadata.continue);
        return answer;
      },
    });
    deepEqual(differences, []);
    // These say where to go on and no revision: they are the same here.
    deepEqual(given, exchanges.flatMap(({ response }) => response.body.metadata.continue ?? []));
  });
});

const withoutAge = (cell: unknown): unknown => (typeof cell === 'string' && /^\d+[smhd]/.test(cell) ? 'an age' : cell);

/** The part of a Pod that the recording shows, in its own form. */
function shownOfPod({ kind, apiVersion, metadata, status }: Json): Json {
  const { name, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  const conditions = status.conditions.map((each: Json) => (typeof each === 'string' ? each : `${each.type}=${each.status}`));
  return { kind, apiVersion, metadata: { name, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds }, status: { phase: status.phase, conditions } };
}

function startOf(token: string): string {
  return (JSON.parse(Buffer.from(token, 'base64url').toString()) as { start: string }).start.replace(/\0$/, '');
}
