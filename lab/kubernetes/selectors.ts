import type { LabelSelector, LabelSelectorRequirement } from './objects.ts';

type Labels = Readonly<Record<string, string>> | undefined;

/** Whether labels match a selector. No selector matches nothing, an empty one matches everything. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (!selector) return false;
  return matchesLabels(selector.matchLabels ?? {}, labels) && (selector.matchExpressions ?? []).every((each) => matchesRequirement(each, labels));
}

/** Whether all of `wanted` are among the labels. */
export function matchesLabels(wanted: Readonly<Record<string, string>>, labels: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels?.[key] === value);
}

/** One line of a selector. `Gt` and `Lt`, which nodes alone know, compare whole numbers. */
export function matchesRequirement({ key, operator, values = [] }: LabelSelectorRequirement, labels: Labels): boolean {
  const value = labels && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
  }
}
