import { isDeepStrictEqual } from 'node:util';
import { isNotFound, nodes as nodeResource, services as serviceResource, type Informer } from '../client/index.ts';
import type { Draft, Node, Pod, Service } from '../objects.ts';
import { zoneLabel } from '../node-fit.ts';
import { isReady, isTerminating } from '../pod-state.ts';
import { endpointSlices, type Endpoint, type EndpointSlice } from '../workload-objects.ts';
import { controllerQueue, type ControllerContext, type Running } from './context.ts';
import { ownerReferenceTo } from './ownership.ts';
import { createTriggerTimes, hasAddress, hasSelector, hostnameIn, servicePods, targetPort, withTriggerTime } from './service-pods.ts';

const serviceLabel = 'kubernetes.io/service-name';
const managerLabel = 'endpointslice.kubernetes.io/managed-by';
const manager = 'endpointslice-controller.k8s.io';
const endpointsInSlice = 100;

type Ports = NonNullable<EndpointSlice['ports']>;

/** What a slice should hold; null where there is nothing to hold. */
export interface SliceContent {
  readonly endpoints: EndpointSlice['endpoints'];
  readonly ports: EndpointSlice['ports'];
}

export interface SlicePlan {
  /** Slices with what they should hold, changed or not. */
  readonly keep: readonly { readonly slice: EndpointSlice; readonly content: SliceContent }[];
  readonly create: readonly SliceContent[];
  readonly remove: readonly EndpointSlice[];
}

/** A pod as an endpoint. One that terminates stays, not ready but serving, until it has ended. */
export function endpointOf(service: Service, pod: Pod, node: Node | undefined): Endpoint {
  const { name, namespace, uid } = pod.metadata;
  const [serving, terminating] = [isReady(pod), isTerminating(pod)];
  const zone = node?.metadata.labels?.[zoneLabel];
  const hostname = hostnameIn(service, pod);
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: { kind: 'Pod', ...(namespace ? { namespace } : {}), name, ...(uid ? { uid } : {}) },
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    ...(zone === undefined ? {} : { zone }),
  };
}

/** Spreads a Service's endpoints over its slices: each stays where it is, and slices are filled before more are made. */
export function planSlices(service: Service, pods: readonly Pod[], nodeOf: (name: string) => Node | undefined, existing: readonly EndpointSlice[]): SlicePlan {
  const groups = new Map<string, { ports: Ports; endpoints: Map<string, Endpoint> }>();
  for (const pod of pods.filter(hasAddress)) {
    const ports = (service.spec.ports ?? []).flatMap((port) => {
      const target = targetPort(pod, port);
      return target === undefined ? [] : [{ name: port.name ?? '', protocol: port.protocol ?? 'TCP', port: target }];
    });
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, endpoints: new Map<string, Endpoint>() };
    groups.set(key, group);
    group.endpoints.set(pod.metadata.uid ?? pod.metadata.name, endpointOf(service, pod, nodeOf(pod.spec.nodeName ?? '')));
  }

  const keep: { slice: EndpointSlice; content: SliceContent }[] = [];
  const create: SliceContent[] = [];
  const unused = new Set(existing);
  for (const { ports, endpoints } of groups.values()) {
    const mine = existing.filter((slice) => isDeepStrictEqual(slice.ports, ports)).map((slice) => ({ slice, endpoints: takeKnown(slice, endpoints) }));
    const filled = mine.filter((each) => each.endpoints.length > 0);
    for (const each of filled) each.endpoints.push(...takeSome(endpoints, endpointsInSlice - each.endpoints.length));
    for (const each of filled) {
      unused.delete(each.slice);
      keep.push({ slice: each.slice, content: { endpoints: each.endpoints, ports } });
    }
    while (endpoints.size > 0) create.push({ endpoints: takeSome(endpoints, endpointsInSlice), ports });
  }
  // A Service without endpoints has one slice that holds nothing.
  if (keep.length + create.length === 0) create.push({ endpoints: null, ports: null });
  // A slice that is not needed any more is used again for one that is.
  for (const slice of unused) {
    const content = create.shift();
    if (!content) break;
    unused.delete(slice);
    keep.push({ slice, content });
  }
  return { keep, create, remove: [...unused] };
}

function takeKnown(slice: EndpointSlice, wanted: Map<string, Endpoint>): Endpoint[] {
  return (slice.endpoints ?? []).flatMap(({ targetRef }) => {
    const key = targetRef?.uid ?? targetRef?.name ?? '';
    const endpoint = wanted.get(key);
    wanted.delete(key);
    return endpoint ? [endpoint] : [];
  });
}

function takeSome(wanted: Map<string, Endpoint>, count: number): Endpoint[] {
  const some = [...wanted].slice(0, count);
  for (const [key] of some) wanted.delete(key);
  return some.map(([, endpoint]) => endpoint);
}

/** Keeps the EndpointSlices of each Service that has a selector. */
export function startEndpointSliceController(context: ControllerContext): Running {
  const { client, informers } = context;
  const found = servicePods(context);
  const nodeInformer: Informer<Node> = informers.of(nodeResource);
  const sliceInformer = informers.of(endpointSlices);
  sliceInformer.addIndex('service', ({ metadata }) =>
    metadata.labels?.[managerLabel] === manager ? [`${metadata.namespace}/${metadata.labels[serviceLabel]}`] : [],
  );
  const triggers = createTriggerTimes();

  const work = async (key: string): Promise<void> => {
    const service = found.services.store.get(key);
    const existing = sliceInformer.store.by('service', key).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    if (!service || service.metadata.deletionTimestamp !== undefined) {
      triggers.forget(key);
      return;
    }
    if (!hasSelector(service.spec.selector)) return;
    const pods = found.of(service);
    const plan = planSlices(service, pods, (name) => nodeInformer.store.get(name), existing);
    const trigger = triggers.of(service, pods);
    const labels = {
      ...service.metadata.labels,
      [managerLabel]: manager,
      [serviceLabel]: service.metadata.name,
      ...(service.spec.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}),
    };
    for (const { slice, content } of plan.keep) {
      const same = isDeepStrictEqual(slice.endpoints ?? null, content.endpoints) && isDeepStrictEqual(slice.ports ?? null, content.ports);
      if (same && isDeepStrictEqual(slice.metadata.labels, labels)) continue;
      const metadata = { ...slice.metadata, labels, annotations: withTriggerTime(slice.metadata.annotations, trigger) };
      sliceInformer.absorb(await client.update(endpointSlices, { ...slice, ...content, metadata }));
    }
    for (const content of plan.create) sliceInformer.absorb(await client.create(endpointSlices, draftSlice(service, content, labels, trigger)));
    for (const { metadata } of plan.remove) await remove(metadata);
  };
  const remove = async (at: EndpointSlice['metadata']): Promise<void> => {
    try {
      await client.delete(endpointSlices, at);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };
  const queue = controllerQueue(context, 'endpoint-slices', [found.services, found.pods, nodeInformer, sliceInformer], work);
  found.follow((key) => queue.add(key));
  return queue;
}

function draftSlice(service: Service, content: SliceContent, labels: Record<string, string>, trigger: string | undefined): Draft<EndpointSlice> {
  return {
    metadata: {
      generateName: `${service.metadata.name}-`,
      namespace: service.metadata.namespace!,
      labels,
      annotations: withTriggerTime({}, trigger),
      ownerReferences: [ownerReferenceTo(serviceResource, service)],
    },
    addressType: 'IPv4',
    ...content,
  };
}
