import { isDeepStrictEqual } from 'node:util';
import { readQuantity } from '../../quantity.ts';
import type { FieldError } from '../errors.ts';
import type { KubeObject, Loose } from '../object.ts';
import { resourceNamed } from '../resources.ts';
import { qosClassOf } from './defaults-pod.ts';
import { prepareForUpdate } from './strategy.ts';

/** What of a container's resources can be changed while it runs. */
const resizable = ['cpu', 'memory'];
/** Metadata that `/resize` leaves alone. */
const kept = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

/**
 * Makes the Pod that is kept from what a client wants through `/resize`: of all of it only the resources of containers are
 * taken. Containers that are not those of before stay in, for the validation to find.
 */
export function prepareForResize(wanted: KubeObject, current: KubeObject): KubeObject {
  const metadata: Loose = { ...wanted.metadata };
  for (const key of kept) {
    if (current.metadata[key] === undefined) delete metadata[key];
    else metadata[key] = current.metadata[key];
  }
  const spec = { ...current['spec'] };
  for (const list of ['containers', 'initContainers']) {
    if (spec[list] !== undefined || wanted['spec']?.[list] !== undefined) spec[list] = withResources(wanted['spec']?.[list] ?? [], current['spec'][list] ?? []);
  }
  return prepareForUpdate(resourceNamed('pods'), { ...current, metadata, spec }, current);
}

function withResources(wanted: Loose[], current: Loose[]): Loose[] {
  if (!isDeepStrictEqual(wanted.map(({ name }) => name), current.map(({ name }) => name))) return wanted;
  return current.map((container, at) => ({ ...container, resources: wanted[at].resources ?? {} }));
}

const forbidden = (field: string, why: string): FieldError => ({ reason: 'FieldValueForbidden', field, message: `Forbidden: ${why}` });

/** What is wrong with a Pod that was changed through `/resize`. */
export function podResizeErrors(pod: KubeObject, current: KubeObject): FieldError[] {
  if (current.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return [forbidden('', 'static pods cannot be resized')];
  const [next, before]: [Loose, Loose] = [pod['spec'], current['spec']];
  const errors: FieldError[] = (next.containers as Loose[]).flatMap(({ resources }, at) => amountErrors(resources ?? {}, `spec.containers[${at}].resources`));
  if (qosClassOf(next) !== qosClassOf(before)) {
    const message = `Invalid value: ${JSON.stringify(pod['status']?.qosClass ?? '')}: Pod QOS Class may not change as a result of resizing`;
    errors.push({ reason: 'FieldValueInvalid', field: 'spec', message });
  }
  if (!saysWhatItHas(current)) errors.push(forbidden('spec', 'Pod running on node without support for resize'));
  const shape = [...shapeErrors(next, before, 'containers'), ...shapeErrors(next, before, 'initContainers')];
  if (shape.length > 0) return [...errors, ...shape];
  for (const [at, { resources }] of (next.containers as Loose[]).entries()) errors.push(...removalErrors(resources ?? {}, before.containers[at].resources ?? {}, `spec.containers[${at}].resources`));
  const others = (spec: Loose): unknown => spec.containers.map(({ resources }: Loose) => withoutResizable(resources));
  if (!isDeepStrictEqual(others(next), others(before))) errors.push(forbidden('spec', 'only cpu and memory resources are mutable'));
  if (!isDeepStrictEqual(next.initContainers, before.initContainers)) errors.push(forbidden('spec.initContainers', 'resources for non-sidecar init containers are immutable'));
  return errors;
}

/** A kubelet that can resize says what its containers have. */
function saysWhatItHas({ status }: KubeObject): boolean {
  const running = ((status?.containerStatuses ?? []) as Loose[]).find(({ state }) => state?.running !== undefined);
  return running === undefined || running.resources !== undefined;
}

function shapeErrors(next: Loose, before: Loose, list: string): FieldError[] {
  const names = (spec: Loose): string[] => (spec[list] ?? []).map(({ name }: Loose) => name);
  if (names(next).length !== names(before).length) return [forbidden(`spec.${list}`, 'containers may not be added or removed on resize')];
  return isDeepStrictEqual(names(next), names(before)) ? [] : [forbidden(`spec.${list}`, 'containers may not be renamed or reordered on resize')];
}

function amountErrors({ requests = {}, limits = {} }: Loose, field: string): FieldError[] {
  return Object.entries<string>(requests).flatMap(([name, value]) => {
    if (limits[name] === undefined || readQuantity(value) <= readQuantity(limits[name])) return [];
    const message = `Invalid value: ${JSON.stringify(value)}: must be less than or equal to ${name} limit of ${limits[name]}`;
    return [{ reason: 'FieldValueInvalid', field: `${field}.requests`, message }];
  });
}

function removalErrors(next: Loose, before: Loose, field: string): FieldError[] {
  return ['limits', 'requests'].flatMap((of) => {
    const removed = resizable.some((name) => before[of]?.[name] !== undefined && next[of]?.[name] === undefined);
    return removed ? [forbidden(`${field}.${of}`, `resource ${of} cannot be removed`)] : [];
  });
}

function withoutResizable(resources: Loose = {}): unknown {
  const rest = (amounts: Loose = {}): Loose => Object.fromEntries(Object.entries(amounts).filter(([name]) => !resizable.includes(name)));
  return { ...resources, limits: rest(resources.limits), requests: rest(resources.requests) };
}
