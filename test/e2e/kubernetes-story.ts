import { collectionPath, put, remove, resourceOf } from './kubernetes-arrange.ts';
import { isCut, translate } from './kubernetes-compare.ts';
import { readProtobufAnswer } from './kubernetes-protobuf-answers.ts';
import { readRecording, replay, type Exchange, type Replay } from './kubernetes-replay.ts';
import { replayFrames, type Stage } from './kubernetes-frames.ts';
import { objectOfRow } from './kubernetes-table-objects.ts';
import { readRequest } from '../../lab/kubernetes/api/request.ts';
import { findResource, groupVersion, type Resource } from '../../lab/kubernetes/api/resources.ts';

type Json = ReturnType<JSON['parse']>;

// Recordings that are parts of one story, replayed one after the other. Before each of them the cluster is made what the
// recording shows it to be before the client changes anything: that is what controllers and kubelets had done by then. From the
// client's first change on, all that comes is the server's own work.

/** Replays a recording of the story. Returns what differs, one line each. */
export async function replayScene(stage: Stage, name: string, options: Partial<Replay> = {}): Promise<string[]> {
  // Revisions are those of one recording: what is arranged in between raises them.
  for (const recorded of stage.values.keys()) if (/^\d+$/.test(recorded)) stage.values.delete(recorded);
  const { exchanges } = readRecording(name);
  for (const [at, exchange] of exchanges.entries()) {
    if (options.leaveOut?.[at] !== undefined) continue;
    await arrange(stage, exchange);
    if (exchange.request.method !== 'GET') break;
  }
  return replay(name, { send: stage.send, values: stage.values, watch: (exchange) => replayFrames(stage, exchange, options.ignore ?? []), ...options });
}

/** Makes the cluster such that the exchange can be answered as it was, if the recording tells how it was. */
async function arrange(stage: Stage, { request, response }: Exchange): Promise<void> {
  const { target } = readRequest(request.method, translate(request.path, stage.values));
  const resource = target && findResource(target.group, target.version, target.plural);
  if (!resource || target.subresource !== undefined || request.method === 'POST' || request.method === 'PATCH') return;
  if (response.status === 404 && target.name !== undefined) return remove(stage, `${collectionPath(resource, target.namespace)}/${target.name}`);
  const shown = objectsShown(resource, response.body);
  if (!shown) return;
  if (request.method === 'DELETE') return put(stage, beforeDeletion(shown[0]));
  if (target.name === undefined) await removeOthers(stage, request.path, resource, shown);
  const isWhole = response.body.kind !== 'Table';
  // In the order in which they had become what they are.
  for (const object of shown.toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))) await put(stage, object, isWhole);
}

/** The objects that a body shows; undefined where it was left out, or is none. */
function objectsShown(resource: Resource, body: Json): Json[] | undefined {
  if (body === undefined || isCut(body) || isCut(body.protobufBase64)) return undefined;
  const read = body.protobufBase64 === undefined ? body : readProtobufAnswer(body.protobufBase64);
  const apiVersion = groupVersion(resource);
  if (read.kind === 'Table') return read.rows.map((row: Json) => objectOfRow(resource.kind, apiVersion, read.columnDefinitions, row));
  if (read.items !== undefined) return read.items.map((item: Json) => ({ kind: resource.kind, apiVersion, ...item }));
  return read.kind !== 'Status' && resourceOf(read) ? [read] : undefined;
}

function beforeDeletion(deleted: Json): Json {
  const { deletionTimestamp: _, deletionGracePeriodSeconds: __, generation, ...metadata } = deleted.metadata;
  const status = deleted.kind === 'Namespace' ? { phase: 'Active' } : deleted.status;
  return { ...deleted, metadata: { ...metadata, ...(generation === undefined ? {} : { generation: generation - 1 }) }, status };
}

async function removeOthers(stage: Stage, path: string, resource: Resource, shown: readonly Json[]): Promise<void> {
  const names = new Set(shown.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  const { body } = await stage.send({ path: translate(path, stage.values) });
  for (const { metadata } of body.items ?? []) {
    if (!names.has(`${metadata.namespace}/${metadata.name}`)) await remove(stage, `${collectionPath(resource, metadata.namespace)}/${metadata.name}`);
  }
}
