import { isDeepStrictEqual } from 'node:util';
import { invalid, type FieldError } from '../errors.ts';
import type { KubeObject } from '../object.ts';
import { groupVersion, type Resource } from '../resources.ts';
import { labelProblem, labelValueProblem, qualifiedNameProblem, subdomainProblem } from '../selectors/names.ts';
import { matcherOf } from '../selectors/labels.ts';
import { podResizeErrors } from './pod-resize.ts';
import { podSpecErrors, podUpdateErrors } from './validate-pod.ts';

/**
 * Checks content as far as the lab's parts depend on it.
 *
 * @param current the state before, for what can't be changed; undefined at creation
 * @throws StatusError 422
 */
export function validate(resource: Resource, object: KubeObject, current?: KubeObject): void {
  check(resource, object, current, content[`${groupVersion(resource)}/${resource.kind}`]?.(object, current) ?? []);
}

/** The same for a Pod that was changed through `/resize`. @throws StatusError 422 */
export function validateResize(resource: Resource, object: KubeObject, current: KubeObject): void {
  check(resource, object, current, podResizeErrors(object, current));
}

function check(resource: Resource, object: KubeObject, current: KubeObject | undefined, ofContent: readonly FieldError[]): void {
  const errors = [...metadataErrors(resource, object, current), ...ofContent];
  if (errors.length > 0) throw invalid(resource.kind, resource.group, object.metadata.name ?? '', errors);
}

export const required = (field: string, why = ''): FieldError => ({
  reason: 'FieldValueRequired',
  field,
  message: `Required value${why && `: ${why}`}`,
});

export const wrong = (field: string, value: unknown, why: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${value === undefined ? 'null' : JSON.stringify(value)}: ${why}`,
});

/** Kinds whose names become part of DNS names. */
const labelNames = new Set(['Namespace', 'Service']);
/** Kinds whose names may hold what path segments may. */
const pathNames = new Set(['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding']);

function metadataErrors(resource: Resource, { metadata }: KubeObject, current: KubeObject | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (!metadata.name && !metadata.generateName) errors.push(required('metadata.name', 'name or generateName is required'));
  else if (metadata.name && !current && !pathNames.has(resource.kind)) {
    const problem = (labelNames.has(resource.kind) ? labelProblem : subdomainProblem)(metadata.name);
    if (problem !== undefined) errors.push(wrong('metadata.name', metadata.name, problem));
  }
  errors.push(...labelErrors(metadata.labels, 'metadata.labels'));
  for (const key of Object.keys(metadata.annotations ?? {})) {
    const problem = qualifiedNameProblem(key.toLowerCase());
    if (problem !== undefined) errors.push(wrong('metadata.annotations', key, problem));
  }
  if (current?.metadata.deletionTimestamp !== undefined) {
    const had = current.metadata.finalizers ?? [];
    const added = (metadata.finalizers ?? []).filter((finalizer) => !had.includes(finalizer));
    if (added.length > 0) {
      const found = `found new finalizers []string{${added.map((finalizer) => `"${finalizer}"`).join(', ')}}`;
      const message = `Forbidden: no new finalizers can be added if the object is being deleted, ${found}`;
      errors.push({ reason: 'FieldValueForbidden', field: 'metadata.finalizers', message });
    }
  }
  return errors;
}

export function labelErrors(labels: Readonly<Record<string, string>> | undefined, field: string): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => {
    const problems = [
      [key, qualifiedNameProblem(key)],
      [value, labelValueProblem(value)],
    ] as const;
    return problems.flatMap(([text, problem]) => (problem === undefined ? [] : [wrong(field, text, problem)]));
  });
}

function notNegative(value: unknown, field: string): FieldError[] {
  return typeof value === 'number' && value < 0 ? [wrong(field, value, 'must be greater than or equal to 0')] : [];
}

/** What Deployments and their like have in common. */
function workload({ spec }: KubeObject, current: KubeObject | undefined): FieldError[] {
  const errors = notNegative(spec?.replicas, 'spec.replicas');
  const labels = spec?.template?.metadata?.labels;
  if (!spec?.selector) errors.push(required('spec.selector'));
  if (!spec?.selector || !matcherOf(spec.selector)(labels)) {
    errors.push(wrong('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  }
  if (current && spec?.selector && !isDeepStrictEqual(spec.selector, (current['spec'])?.selector)) {
    return [wrong('spec.selector', spec.selector, 'field is immutable')];
  }
  errors.push(...podSpecErrors(spec?.template?.spec, 'spec.template.spec'));
  errors.push(...notNegative(spec?.minReadySeconds, 'spec.minReadySeconds'));
  return errors;
}

function binding(object: KubeObject, current: KubeObject | undefined): FieldError[] {
  if (current && !isDeepStrictEqual(object['roleRef'], current['roleRef'])) {
    return [wrong('roleRef', object['roleRef'], 'cannot change roleRef')];
  }
  return object['roleRef']?.name ? [] : [required('roleRef.name')];
}

const content: Readonly<Record<string, (object: KubeObject, current: KubeObject | undefined) => FieldError[]>> = {
  'v1/Pod': (pod, current) => (current ? podUpdateErrors(pod, current) : podSpecErrors(pod['spec'], 'spec')),
  'apps/v1/Deployment': workload,
  'apps/v1/ReplicaSet': workload,
  'apps/v1/DaemonSet': workload,
  'apps/v1/StatefulSet': workload,
  'v1/Service': ({ spec }, current) => {
    const errors: FieldError[] = [];
    if (!spec?.ports?.length && spec?.clusterIP !== 'None' && spec?.type !== 'ExternalName') errors.push(required('spec.ports'));
    for (const [at, { port }] of (spec?.ports ?? []).entries()) {
      if (!(port >= 1 && port <= 65535)) errors.push(wrong(`spec.ports[${at}].port`, port, 'must be between 1 and 65535, inclusive'));
    }
    const before = (current?.['spec'])?.clusterIP;
    if (before && spec?.clusterIP !== before && spec?.type !== 'ExternalName') {
      errors.push(wrong('spec.clusterIPs[0]', [spec.clusterIP], 'may not change once set'));
    }
    return errors;
  },
  'policy/v1/PodDisruptionBudget': ({ spec }) =>
    spec?.minAvailable !== undefined && spec?.maxUnavailable !== undefined
      ? [wrong('spec', spec, 'minAvailable and maxUnavailable cannot be both set')]
      : [...notNegative(spec?.minAvailable, 'spec.minAvailable'), ...notNegative(spec?.maxUnavailable, 'spec.maxUnavailable')],
  'rbac.authorization.k8s.io/v1/RoleBinding': binding,
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': binding,
  'coordination.k8s.io/v1/Lease': ({ spec }) =>
    spec?.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0
      ? [wrong('spec.leaseDurationSeconds', spec.leaseDurationSeconds, 'must be greater than 0')]
      : [],
};
