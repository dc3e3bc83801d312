import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultEtcdTiming } from '../../lab/kubernetes/api/etcd/client.ts';
import { compare } from './kubernetes-compare.ts';
import { send, type ApiAnswer, type ApiRequest } from './kubernetes-request.ts';
import { openWatch, type OpenWatch } from './kubernetes-watch-replay.ts';
import { startLocalApiServer, type LocalApiServer } from './local-api-server.ts';

type Json = ReturnType<JSON['parse']>;

interface Probe {
  readonly phase: 'before' | 'stopped' | 'killed' | 'after';
  readonly what: string;
  readonly request: { readonly method: string; readonly path: string; readonly headers?: Record<string, string> };
  readonly response: { readonly status: number; readonly tookMs: number; readonly headers: Record<string, string>; readonly body?: Json };
}

const read = (name: string): Json => JSON.parse(readFileSync(new URL(`../lab/kubernetes/recordings/${name}.json`, import.meta.url), 'utf8'));
const probes: readonly Probe[] = read('6-etcd-outage/requests').probes;
const watches: readonly Json[] = read('6-etcd-outage/watches').watches;
const recordedWatch = (what: string): Json => watches.find((each) => each.what === what);

/** What the recorded server says otherwise than it should, or than this one can: the rest is compared field by field. */
const exceptions: Readonly<Record<string, string>> = {
  'killed /readyz': 'the recorded build has no check of etcd in /readyz and stays ready; the plain server has it, and this one too',
};

/** How much shorter this server waits than the real one. */
const shorter = 10;
const configMaps = '/api/v1/namespaces/demo/configmaps';

// What a real API server did while its etcd was stopped, killed and started again, against the lab's over a real etcd. Two
// servers: one that loses its patience ten times as soon, for etcd that is stopped until all have given up; and one with the real
// figures, for etcd that comes back in time.
describe('the API server while etcd is away', function () {
  this.timeout(180_000);
  let hasty: LocalApiServer;
  let patient: LocalApiServer;
  const values = new Map<string, string>();
  const open = new Map<string, OpenWatch>();
  /** Opened while etcd is stopped, with when they were answered: before or after the writes gave up. */
  const openedMeanwhile: [what: string, watch: Promise<OpenWatch>][] = [];

  const bodyOf = ({ what, phase, response }: Probe): Json => {
    if (what === 'create') return { metadata: { name: response.body?.metadata?.name ?? `new-${phase}1` }, data: { k: 'v' } };
    if (what === 'patch') return { data: { i: response.body?.data?.i ?? `1${phase}` } };
    if (what === 'SelfSubjectAccessReview') return { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } };
    return undefined;
  };
  /** Sends a recorded request; a broken connection is status 0, as it is recorded. */
  const answerTo = async (server: LocalApiServer, probe: Probe): Promise<ApiAnswer> => {
    const body = bodyOf(probe);
    const { method, path } = probe.request;
    const headers = { ...probe.request.headers, ...(method === 'PATCH' ? { 'Content-Type': 'application/merge-patch+json' } : {}) };
    try {
      return await send(server, server.adminToken, { method, path, headers, ...(body ? { body } : {}) });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
      return { status: 0, headers: {}, body: '' };
    }
  };
  const differences = (probe: Probe, answer: ApiAnswer): string[] => {
    const where = `${probe.phase} ${probe.what}`;
    if (exceptions[where]) return [];
    if (answer.status !== probe.response.status) return [`${where}: status ${answer.status}, recorded ${probe.response.status}: ${JSON.stringify(answer.body)}`];
    const found = Object.entries(probe.response.headers)
      .filter(([header, recorded]) => header !== 'transfer-encoding' && answer.headers[header] !== recorded)
      .map(([header, recorded]) => `header ${header} is ${String(answer.headers[header])}, recorded ${recorded}`);
    if (answer.status === 500 && typeof answer.body === 'string') found.push(...unrecordedChecks(answer.body, probe.response.body));
    else compare(probe.response.body, answer.body, '', { values, found, shortened: false, ignore: [] });
    return found.map((line) => `${where}: ${line}`);
  };
  const of = (phase: Probe['phase']): Probe[] => probes.filter((probe) => probe.phase === phase);
  /** One after the other, what was written in the order of its revisions. */
  const checkInOrder = async (server: LocalApiServer, phase: Probe['phase']): Promise<void> => {
    const revision = ({ what, response }: Probe): number => (['create', 'patch'].includes(what) ? Number(response.body.metadata.resourceVersion) : 0);
    const found: string[] = [];
    for (const probe of of(phase).toSorted((a, b) => revision(a) - revision(b))) found.push(...differences(probe, await answerTo(server, probe)));
    deepEqual(found, []);
  };
  const ask = (request: ApiRequest, server = patient): Promise<ApiAnswer> => send(server, server.adminToken, request);
  const watch = async (what: string, server: LocalApiServer, path: string): Promise<void> => void open.set(what, await openWatch(server, path));
  const seen = (what: string): Json[] =>
    open.get(what)!.events.map(({ type, object }) => (type === 'ERROR' ? { type, object } : { type, ...(type === 'BOOKMARK' ? {} : { name: object.metadata.name }), resourceVersion: object.metadata.resourceVersion }));
  const likeRecorded = (what: string, count = Infinity): void => {
    const found: string[] = [];
    const recorded = recordedWatch(what).events.slice(0, count).map(({ ms: _, ...event }: Json) => event);
    compare(recorded, seen(what), what, { values, found, shortened: false, ignore: [] });
    deepEqual(found, []);
  };

  before(async () => {
    hasty = await startLocalApiServer({
      timing: {
        etcd: { readWithinMs: defaultEtcdTiming.readWithinMs / shorter, writeWithinMs: defaultEtcdTiming.writeWithinMs / shorter },
        // What was true before is held true for as long as the recorded server was asked.
        etcdCheckEveryMs: 600_000,
      },
    });
    const { url } = await hasty.startAnother({ timing: { bookmarkEveryMs: 60_000 / shorter } });
    patient = { ...hasty, url };
    const post = async (path: string, body: object): Promise<void> => equal((await ask({ method: 'POST', path, body })).status, 201);
    await post('/api/v1/namespaces', { metadata: { name: 'demo' } });
    await post('/api/v1/namespaces/demo/pods', { metadata: { name: 'web' }, spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] } });
    await post(configMaps, { metadata: { name: recordedWatch('opened while stopped, resourceVersion=0').events[0].name } });
    await post(configMaps, { metadata: { name: 'probe' }, data: { k: 'v' } });
    values.set('231', (await ask({ path: configMaps })).body.metadata.resourceVersion);
  });
  after(async () => hasty?.close());

  it('gives up when the real one does', () => {
    const seconds = (phase: Probe['phase'], what: string): number => Math.floor(probes.find((probe) => probe.phase === phase && probe.what === what)!.response.tookMs / 1000);
    equal(defaultEtcdTiming.writeWithinMs, seconds('stopped', 'create') * 1000);
    equal(defaultEtcdTiming.readWithinMs, seconds('stopped', 'get one object') * 1000);
  });

  it('answers all before', async () => {
    for (const what of ['open before, pods', 'open before, configmaps', 'open before, events (not cached)']) {
      await watch(what, patient, recordedWatch(what).path.replace('231', values.get('231')));
    }
    const changed = await ask({ method: 'PATCH', path: `${configMaps}/probe`, body: { data: { after: 'outage' } }, headers: { 'Content-Type': 'application/merge-patch+json' } });
    values.set('232', changed.body.metadata.resourceVersion);
    await checkInOrder(hasty, 'before');
    await open.get('open before, configmaps')!.until(3);
  });

  it('answers at once from memory while etcd hangs, gives up on the rest, and goes on watching', async () => {
    await hasty.etcd.pause(0);
    const answers: [Probe, ApiAnswer][] = [];
    const answering = of('stopped').map(async (probe) => void answers.push([probe, await answerTo(hasty, probe)]));
    for (const { what, path } of watches.slice(3)) {
      const here = path.replace('resourceVersion=231', `resourceVersion=${values.get('231')}`).replace('timeoutSeconds=50', `timeoutSeconds=${50 / shorter}`);
      openedMeanwhile.push([what, openWatch(hasty, here).then((opened) => (open.set(what, opened), opened))]);
    }
    await Promise.all(answering);
    deepEqual(answers.flatMap(([probe, answer]) => differences(probe, answer)), []);
    // First what needs no etcd, then the writes, then the reads.
    const rank = ({ response: { tookMs } }: Probe): number => (tookMs < 1000 ? 0 : tookMs < 50_000 ? 1 : 2);
    deepEqual(answers.map(([probe]) => rank(probe)), answers.map(([probe]) => rank(probe)).toSorted((a, b) => a - b));
  });

  it('opens watches from memory, and tells those that need etcd at their end', async () => {
    for (const [what, opening] of openedMeanwhile) {
      const opened = await opening;
      await opened.ended;
      equal(opened.status, recordedWatch(what).status);
      likeRecorded(what);
    }
  });

  it('sends bookmarks meanwhile, and nothing else', async () => {
    const { events, until } = open.get('open before, pods')!;
    await until(1);
    // The recorded server has seen less of what isn't a Pod.
    deepEqual(events.map(({ type }) => type), events.map(() => 'BOOKMARK'));
    ok(Number(events[0]!.object.metadata.resourceVersion) >= Number(values.get('232')));
  });

  it('waits while etcd refuses connections, and answers all when it is back', async () => {
    await hasty.etcd.kill(0);
    while ((await ask({ path: '/livez' })).status === 200) await sleep(100);
    const answers: [Probe, ApiAnswer][] = [];
    const answering = of('killed').map(async (probe) => void answers.push([probe, await answerTo(patient, probe)]));
    const atOnce = of('killed').filter(({ response }) => response.tookMs < 3000);
    while (answers.length < atOnce.length) await sleep(50);
    deepEqual(answers.map(([{ what }]) => what).toSorted(), atOnce.map(({ what }) => what).toSorted());
    hasty.etcd.start(0);
    const back = recordedWatch('open before, configmaps').events.find(({ name }: Json) => name.startsWith('back'));
    equal((await ask({ method: 'POST', path: configMaps, body: { metadata: { name: back.name } } })).status, 201);
    await Promise.all(answering);
    // What waits for etcd has no order: a read may come before or after the write.
    const isRaced = ({ what }: Probe): boolean => what === 'get one object';
    deepEqual(answers.filter(([probe]) => !isRaced(probe)).flatMap(([probe, answer]) => differences(probe, answer)), []);
    deepEqual(answers.filter(([probe]) => isRaced(probe)).map(([, { status, body }]) => [status, body.metadata.name]), [[200, 'probe']]);
  });

  it('is healthy again by itself, and its watches have missed nothing', async () => {
    for (const path of ['/livez', '/readyz', '/healthz']) while ((await ask({ path })).status !== 200) await sleep(100);
    const { until, events } = open.get('open before, configmaps')!;
    await until(6);
    const names = (all: readonly Json[]): string[] => all.map(({ type, name }) => `${type} ${name}`).toSorted();
    const what = 'open before, configmaps';
    deepEqual(names(seen(what).slice(3, 6)), names(recordedWatch(what).events.slice(3, 6)));
    // A new start of the story: what waited for etcd was written in any order.
    for (const { object } of events.slice(3, 6)) if (object.metadata.name === 'probe') values.set('239', object.metadata.resourceVersion);
    // Its memory may follow a moment later than that of the other server, whose watches are looked at.
    while ((await ask({ path: `${configMaps}/probe?resourceVersion=0` }, hasty)).body.metadata.resourceVersion !== values.get('239')) await sleep(50);
    await checkInOrder(hasty, 'after');
    await until(recordedWatch(what).events.length);
    const last = recordedWatch(what).events.slice(6).map(({ ms: _, ...event }: Json) => event);
    const found: string[] = [];
    compare(last, seen(what).slice(6), what, { values, found, shortened: false, ignore: [] });
    deepEqual(found, []);
    const revisions = events.map(({ object }) => Number(object.metadata.resourceVersion));
    deepEqual(revisions, revisions.toSorted((a, b) => a - b));
    deepEqual(open.get('open before, events (not cached)')!.events, []);
    for (const each of open.values()) each.close();
  });
});

/** Lines of a failed check that the recorded server didn't say in this order: it has checks of what isn't here. */
function unrecordedChecks(mine: string, recorded: string): string[] {
  const theirs = recorded.split('\n');
  let at = -1;
  return mine.split('\n').filter((line) => {
    const next = theirs.indexOf(line, at + 1);
    if (next >= 0) at = next;
    return next < 0;
  });
}
