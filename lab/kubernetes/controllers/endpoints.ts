import { isDeepStrictEqual } from 'node:util';
import { isNotFound, referenceOf } from '../client/index.ts';
import type { Pod, Service } from '../objects.ts';
import { isReady, isTerminating } from '../pod-state.ts';
import { endpoints as endpointsResource, type EndpointAddress, type Endpoints, type EndpointSubset } from '../workload-objects.ts';
import { controllerQueue, type ControllerContext, type Running } from './context.ts';
import { createTriggerTimes, hasAddress, hasSelector, hostnameIn, servicePods, targetPort, withTriggerTime } from './service-pods.ts';

/** The addresses of a Service's pods, grouped by the ports they are reached at. None: no subsets at all. */
export function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const { ports: servicePorts = [], publishNotReadyAddresses = false } = service.spec;
  const groups = new Map<string, { ports: EndpointSubset['ports']; ready: EndpointAddress[]; notReady: EndpointAddress[] }>();
  for (const pod of pods) {
    if (!hasAddress(pod) || (isTerminating(pod) && !publishNotReadyAddresses)) continue;
    const ports = servicePorts.flatMap((port) => {
      const target = targetPort(pod, port);
      return target === undefined ? [] : [{ ...(port.name ? { name: port.name } : {}), port: target, protocol: port.protocol ?? 'TCP' }];
    });
    if (servicePorts.length > 0 && ports.length === 0) continue;
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, ready: [], notReady: [] };
    groups.set(key, group);
    const ready = publishNotReadyAddresses || isReady(pod);
    (ready ? group.ready : group.notReady).push(addressOf(service, pod));
  }
  return [...groups.values()].map(({ ports, ready, notReady }) => ({
    ...(ready.length > 0 ? { addresses: ready.toSorted(byIp) } : {}),
    ...(notReady.length > 0 ? { notReadyAddresses: notReady.toSorted(byIp) } : {}),
    ...(ports && ports.length > 0 ? { ports } : {}),
  }));
}

function addressOf(service: Service, pod: Pod): EndpointAddress {
  const { name, namespace, uid } = pod.metadata;
  const hostname = hostnameIn(service, pod);
  return {
    ip: pod.status?.podIP ?? '',
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', ...(namespace ? { namespace } : {}), name, ...(uid ? { uid } : {}) },
  };
}

function byIp(a: EndpointAddress, b: EndpointAddress): number {
  return a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : 0;
}

/** Keeps the Endpoints of each Service that has a selector. */
export function startEndpointsController(context: ControllerContext): Running {
  const { client, informers } = context;
  const found = servicePods(context);
  const endpointsInformer = informers.of(endpointsResource);
  const triggers = createTriggerTimes();

  const work = async (key: string): Promise<void> => {
    const service = found.services.store.get(key);
    const existing = endpointsInformer.store.get(key);
    if (!service) {
      triggers.forget(key);
      if (existing) await remove(key);
      return;
    }
    if (!hasSelector(service.spec.selector)) return;
    const pods = found.of(service);
    const subsets = subsetsOf(service, pods);
    const trigger = triggers.of(service, pods);
    const labels = {
      ...service.metadata.labels,
      'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
      ...(service.spec.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}),
    };
    if (existing && isDeepStrictEqual(existing.subsets ?? [], subsets) && isDeepStrictEqual(existing.metadata.labels, labels)) return;
    const annotations = withTriggerTime(existing?.metadata.annotations, trigger);
    const { subsets: _before, ...rest } = existing ?? { metadata: { name: service.metadata.name, namespace: service.metadata.namespace! } };
    const wanted: Endpoints = { ...rest, metadata: { ...rest.metadata, labels, annotations }, ...(subsets.length > 0 ? { subsets } : {}) };
    endpointsInformer.absorb(existing ? await client.update(endpointsResource, wanted) : await client.create(endpointsResource, wanted));
  };
  const remove = async (key: string): Promise<void> => {
    try {
      await client.delete(endpointsResource, referenceOf(key));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };
  const queue = controllerQueue(context, 'endpoints', [found.services, found.pods, endpointsInformer], work);
  found.follow((key) => queue.add(key));
  return queue;
}
