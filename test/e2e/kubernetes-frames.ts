import { readRequest } from '../../lab/kubernetes/api/request.ts';
import { findResource, groupVersion, type Resource } from '../../lab/kubernetes/api/resources.ts';
import { ask, collectionPath, find, type Cluster } from './kubernetes-arrange.ts';
import { compare, translate } from './kubernetes-compare.ts';
import type { Exchange } from './kubernetes-replay.ts';
import { objectOfRow } from './kubernetes-table-objects.ts';
import { openWatch } from './kubernetes-watch-replay.ts';

type Json = ReturnType<JSON['parse']>;

/** Where exchanges take place. */
export interface Stage extends Cluster {
  readonly server: { readonly url: string; readonly ca: string; readonly adminToken: string };
}

/** A watch: what it told of is done again, one after the other, and has to be told again. Returns what differs. */
export async function replayFrames(stage: Stage, { request, response }: Exchange, ignore: readonly string[]): Promise<string[]> {
  const path = await fromHere(stage, request.path);
  const { group, version, plural, namespace } = readRequest('GET', path).target!;
  const resource = findResource(group, version, plural)!;
  const watch = await openWatch(stage.server, path, request.headers);
  const found: string[] = [];
  if (watch.status !== response.status) found.push(`status ${watch.status}, recorded ${response.status}`);
  if (watch.headers['content-type'] !== response.headers['content-type']) found.push(`header content-type is ${watch.headers['content-type']}`);
  for (const [at, { type, shown, done }] of framesOf(resource, response.frames ?? []).entries()) {
    await change(stage, resource, `${collectionPath(resource, namespace)}/${done.metadata.name}`, type, done, at);
    await watch.until(at + 1);
    compare({ type, object: shown }, watch.events[at], '', { values: stage.values, found, shortened: shown.kind !== 'Table', ignore });
  }
  watch.close();
  const extra = watch.events[response.frames!.length];
  if (extra) found.push(`there is one more: ${JSON.stringify(extra).slice(0, 300)}`);
  return found;
}

interface Frame {
  readonly type: string;
  /** What the frame has of the object. */
  readonly shown: Json;
  /** What the object had become. */
  readonly done: Json;
}

function framesOf(resource: Resource, recorded: readonly Json[]): Frame[] {
  const columns = recorded[0]?.object?.columnDefinitions;
  const ends = recorded.at(-1)?.type === 'DELETED';
  return recorded.map(({ type, object, kind, name }, at) => {
    if (object?.kind === 'Table') return { type, shown: object, done: objectOfRow(resource.kind, groupVersion(resource), columns, object.rows[0]) };
    if (object) return { type, shown: object, done: object };
    // Of some only the name was kept. What went was marked with the first of them, and its grace was over with the last but one.
    const grace = at === 0 ? 5 : at === recorded.length - 2 ? 0 : undefined;
    const mark = ends && grace !== undefined ? { deletionTimestamp: '', deletionGracePeriodSeconds: grace } : {};
    return { type, shown: { kind, metadata: { name } }, done: { kind, metadata: { name, ...mark } } };
  });
}

/** The path with this server's revision: that of the list before, or of one that is asked for now where the list's body was left out. */
async function fromHere(stage: Stage, path: string): Promise<string> {
  const recorded = new URLSearchParams(path.slice(path.indexOf('?'))).get('resourceVersion')!;
  if (!stage.values.has(recorded)) stage.values.set(recorded, (await ask(stage, 'GET', path.slice(0, path.indexOf('?')))).metadata.resourceVersion);
  return translate(path, stage.values);
}

/** Makes the one change that an event told of. */
async function change(stage: Stage, resource: Resource, path: string, type: string, { metadata, status, ...content }: Json, at: number): Promise<void> {
  const current = await find(stage, path);
  if (type === 'ADDED') {
    const { uid: _, resourceVersion: __, ...made } = JSON.parse(translate(JSON.stringify(metadata), stage.values));
    return void (await ask(stage, 'POST', path.slice(0, path.lastIndexOf('/')), { ...content, metadata: made }));
  }
  if (type === 'DELETED') {
    // A Pod is gone with the request that ends its grace; a namespace when its last finalizer is.
    if (resource.kind === 'Namespace') await ask(stage, 'PUT', `${path}/finalize`, { ...current, spec: { finalizers: [] } });
    else if (current) await ask(stage, 'DELETE', path, { gracePeriodSeconds: 0 });
    return;
  }
  const { deletionTimestamp, deletionGracePeriodSeconds: grace } = metadata;
  if (deletionTimestamp !== undefined && (current.metadata.deletionTimestamp === undefined || grace === 0)) {
    return void (await ask(stage, 'DELETE', path, resource.kind === 'Pod' ? { gracePeriodSeconds: grace } : {}));
  }
  if (content.spec?.nodeName !== undefined && current.spec.nodeName === undefined) {
    return void (await ask(stage, 'POST', `${path}/binding`, { metadata: { name: metadata.name }, target: { kind: 'Node', name: content.spec.nodeName } }));
  }
  // What a frame doesn't show of a status has changed all the same, or there had been no event.
  const marked = resource.kind === 'Pod' ? { message: `state ${at}` } : resource.kind === 'DaemonSet' ? { numberReady: at } : {};
  await ask(stage, 'PUT', `${path}/status`, { ...current, status: { ...(status ?? current.status), ...marked } });
}
