import { isDeepStrictEqual } from 'node:util';
import { keyOf, services as serviceResource, type Informer } from '../client/index.ts';
import type { Pod, Service, ServicePort } from '../objects.ts';
import { conditionOf, isFinished } from '../pod-state.ts';
import { matchesLabels } from '../selectors.ts';
import type { ControllerContext } from './context.ts';
import { podInformer } from './pods.ts';

/** What Endpoints and EndpointSlices have in common: which pods a Service has, and by which ports. */
export interface ServicePods {
  readonly services: Informer<Service>;
  readonly pods: Informer<Pod>;
  /** The pods that a Service's selector finds; none without a selector. */
  of(service: Service): Pod[];
  /** Wakes a Service when it changes, or when a pod does that its selector finds or found. */
  follow(wake: (key: string) => void): void;
}

export function servicePods({ informers }: Pick<ControllerContext, 'informers'>): ServicePods {
  const services = informers.of(serviceResource);
  services.addIndex('namespace', ({ metadata }) => [metadata.namespace]);
  const pods = podInformer(informers);
  const selects = ({ spec }: Service, pod: Pod): boolean => hasSelector(spec.selector) && matchesLabels(spec.selector, pod.metadata.labels);
  return {
    services,
    pods,
    of: (service) => pods.store.by('namespace', service.metadata.namespace ?? '').filter((pod) => selects(service, pod)),
    follow(wake) {
      const wakeServices = (pod: Pod): void => {
        for (const service of services.store.by('namespace', pod.metadata.namespace ?? '')) if (selects(service, pod)) wake(keyOf(service));
      };
      services.on({ added: (service) => wake(keyOf(service)), changed: (service) => wake(keyOf(service)), deleted: (service) => wake(keyOf(service)) });
      pods.on({
        added: wakeServices,
        changed(pod, before) {
          if (!isDeepStrictEqual(pod.metadata.labels, before.metadata.labels)) wakeServices(before);
          wakeServices(pod);
        },
        deleted: wakeServices,
      });
    },
  };
}

export function hasSelector(selector: Record<string, string> | undefined): selector is Record<string, string> {
  return selector !== undefined && Object.keys(selector).length > 0;
}

/** Whether a pod can be reached at all: it has an address and has not ended. */
export function hasAddress(pod: Pod): boolean {
  return Boolean(pod.status?.podIP) && !isFinished(pod);
}

/** The name of a pod within its Service, where it has one. */
export function hostnameIn(service: Service, { spec, metadata }: Pod): string | undefined {
  return spec.hostname && spec.subdomain === service.metadata.name && metadata.namespace === service.metadata.namespace ? spec.hostname : undefined;
}

/** The port of a pod that a Service's port leads to: a number, or the name of a container's port. Undefined when the pod has none of that name. */
export function targetPort(pod: Pod, { targetPort: target, port, protocol = 'TCP' }: ServicePort): number | undefined {
  if (typeof target === 'number' && target !== 0) return target;
  if (target === undefined || target === '' || target === 0) return port;
  const ports = pod.spec.containers.flatMap((container) => container.ports ?? []);
  return ports.find((each) => each.name === target && (each.protocol ?? 'TCP') === protocol)?.containerPort;
}

/** The annotation with the time of the change that endpoints were written for. */
export const triggerKey = 'endpoints.kubernetes.io/last-change-trigger-time';

/**
 * Tells since when the endpoints of a Service are behind: the earliest time, among what is new since the last call, at which
 * the Service was made or a pod's readiness changed. Undefined when nothing of that kind is new, as after a deletion.
 */
export function createTriggerTimes(): { of(service: Service, pods: readonly Pod[]): string | undefined; forget(key: string): void } {
  const seen = new Map<string, { created: string; pods: Map<string, string> }>();
  return {
    of(service, pods) {
      const key = keyOf(service);
      const before = seen.get(key);
      const created = service.metadata.creationTimestamp ?? '';
      const times = new Map(pods.map((pod) => [pod.metadata.name, conditionOf(pod, 'Ready')?.lastTransitionTime ?? '']));
      seen.set(key, { created, pods: times });
      const fresh = [...times].filter(([name, time]) => time > (before?.pods.get(name) ?? '')).map(([, time]) => time);
      if (created > (before?.created ?? '')) fresh.push(created);
      return fresh.toSorted()[0];
    },
    forget: (key) => void seen.delete(key),
  };
}

/** Annotations with the trigger time as it is now. */
export function withTriggerTime(annotations: Record<string, string> | undefined, time: string | undefined): Record<string, string> {
  const { [triggerKey]: _before, ...others } = annotations ?? {};
  return time === undefined ? others : { ...others, [triggerKey]: time };
}
