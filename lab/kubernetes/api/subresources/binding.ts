import type { Handler } from '../call.ts';
import { badRequest, invalid, StatusError } from '../errors.ts';
import { timestamp, type Loose } from '../object.ts';
import { resourceNamed } from '../resources.ts';
import { keyOf } from '../storage/keys.ts';
import { readTyped } from '../verbs/read-object.ts';

const pods = resourceNamed('pods');
const nodes = resourceNamed('nodes');

/** Labels of its node that a Pod is given with its place, so that it can be told where it is. */
const placeLabels = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** Puts a Pod on a node: what the scheduler asks for, under `pods/x/binding` or as a Binding. */
export const binding: Handler = async ({ store }, call) => {
  const body = readTyped(call, 'Binding', 'v1');
  const name = call.name ?? body.metadata.name;
  if (call.name !== undefined && body.metadata.name && body.metadata.name !== call.name) throw badRequest('name in URL does not match name in Binding object');
  const target = body['target'];
  if (!target?.name) {
    throw invalid('Binding', '', name, [{ reason: 'FieldValueRequired', field: 'target.name', message: 'Required value' }]);
  }
  const refuse = (why: string): never => {
    throw new StatusError(409, 'Conflict', `Operation cannot be fulfilled on pods/binding "${name}": ${why}`, { name, kind: 'pods/binding' });
  };
  const node = store.caches.of(nodes).get(keyOf(nodes, undefined, target.name))?.object;
  const place = Object.entries(node?.metadata.labels ?? {}).filter(([label]) => placeLabels.includes(label));
  await store.update(pods, call.namespace, name, (pod) => {
    const { uid } = body.metadata;
    if (uid && uid !== pod.metadata.uid) refuse(`the UID in the precondition (${uid}) does not match the UID in record (${pod.metadata.uid})`);
    if (pod.metadata.deletionTimestamp !== undefined) refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
    if (pod['spec'].nodeName) refuse(`pod ${name} is already assigned to node "${pod['spec'].nodeName}"`);
    const others = ((pod['status']?.conditions ?? []) as Loose[]).filter(({ type }) => type !== 'PodScheduled');
    const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: timestamp() };
    return {
      ...pod,
      metadata: {
        ...pod.metadata,
        ...(place.length === 0 ? {} : { labels: { ...pod.metadata.labels, ...Object.fromEntries(place) } }),
        ...(body.metadata.annotations ? { annotations: { ...pod.metadata.annotations, ...body.metadata.annotations } } : {}),
      },
      spec: { ...pod['spec'], nodeName: target.name },
      status: { ...pod['status'], conditions: [...others, scheduled] },
    };
  });
  return { code: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
};
