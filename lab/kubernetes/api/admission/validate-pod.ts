import { isDeepStrictEqual } from 'node:util';
import type { FieldError } from '../errors.ts';
import type { KubeObject, Loose } from '../object.ts';
import { labelProblem } from '../selectors/names.ts';

const required = (field: string): FieldError => ({ reason: 'FieldValueRequired', field, message: 'Required value' });

const oneOf = (value: unknown, field: string, allowed: readonly string[]): FieldError[] =>
  value === undefined || allowed.includes(String(value))
    ? []
    : [
        {
          reason: 'FieldValueNotSupported',
          field,
          message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${allowed.map((text) => `"${text}"`).join(', ')}`,
        },
      ];

/** What is wrong with the spec of a Pod, alone or in a template. */
export function podSpecErrors(spec: Loose, field: string): FieldError[] {
  if (!spec?.containers?.length) return [required(`${field}.containers`)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const list of ['containers', 'initContainers']) {
    for (const [at, container] of ((spec[list] ?? []) as Loose[]).entries()) {
      errors.push(...containerErrors(container, `${field}.${list}[${at}]`, names));
    }
  }
  errors.push(...oneOf(spec.restartPolicy, `${field}.restartPolicy`, ['Always', 'OnFailure', 'Never']));
  if (typeof spec.terminationGracePeriodSeconds === 'number' && spec.terminationGracePeriodSeconds < 0) {
    errors.push({
      reason: 'FieldValueInvalid',
      field: `${field}.terminationGracePeriodSeconds`,
      message: `Invalid value: ${spec.terminationGracePeriodSeconds}: must be greater than or equal to 0`,
    });
  }
  return errors;
}

function containerErrors(container: Loose, field: string, names: Set<string>): FieldError[] {
  const errors: FieldError[] = [];
  if (!container.name) errors.push(required(`${field}.name`));
  else {
    const problem = labelProblem(container.name);
    if (problem !== undefined) {
      errors.push({ reason: 'FieldValueInvalid', field: `${field}.name`, message: `Invalid value: "${container.name}": ${problem}` });
    }
    if (names.has(container.name)) {
      errors.push({ reason: 'FieldValueDuplicate', field: `${field}.name`, message: `Duplicate value: "${container.name}"` });
    }
    names.add(container.name);
  }
  if (!container.image) errors.push(required(`${field}.image`));
  errors.push(...oneOf(container.imagePullPolicy, `${field}.imagePullPolicy`, ['Always', 'IfNotPresent', 'Never']));
  for (const [at, { containerPort }] of ((container.ports ?? []) as Loose[]).entries()) {
    if (containerPort >= 1 && containerPort <= 65535) continue;
    const where = `${field}.ports[${at}].containerPort`;
    if (containerPort === undefined) errors.push(required(where));
    else {
      const message = `Invalid value: ${JSON.stringify(containerPort)}: must be between 1 and 65535, inclusive`;
      errors.push({ reason: 'FieldValueInvalid', field: where, message });
    }
  }
  return errors;
}

/** Of a Pod that is there, hardly anything can be changed. */
export function podUpdateErrors(pod: KubeObject, current: KubeObject): FieldError[] {
  const next = fixedPart(pod['spec']);
  const before = fixedPart(current['spec']);
  if (isDeepStrictEqual(next, before)) return [];
  const message =
    'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
    '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` ' +
    `(allow it to be set to 1 if it was previously negative)\n${difference(before, next)}`;
  return [{ reason: 'FieldValueForbidden', field: 'spec', message }];
}

function fixedPart(spec: Loose): Loose {
  const { activeDeadlineSeconds: _, tolerations: __, containers = [], initContainers, ...rest } = spec ?? {};
  const withoutImage = ({ image: ___, ...container }: Loose): Loose => container;
  return { ...rest, containers: containers.map(withoutImage), ...(initContainers ? { initContainers: initContainers.map(withoutImage) } : {}) };
}

/** The top-level fields that differ, as `- "nodeName": …` and `+ "nodeName": …`. */
function difference(before: Loose, next: Loose): string {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(next)])].toSorted();
  const line = (sign: string, key: string, value: unknown): string => ` ${sign} "${key}": ${JSON.stringify(value)},\n`;
  return keys
    .filter((key) => !isDeepStrictEqual(before[key], next[key]))
    .map((key) => (key in before ? line('-', key, before[key]) : '') + (key in next ? line('+', key, next[key]) : ''))
    .join('');
}
