import type { KubeObject, Loose } from './object.ts';
import type { Resource } from './resources.ts';

// Events are to be had in two groups, under other names of the same fields. They are kept in the form of the core group.

const renamed: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
];

const isNewEvent = (resource: Resource): boolean => resource.group === 'events.k8s.io';

/** An object as the resource gives it, from the form in which it is kept. */
export function fromStored(resource: Resource, object: KubeObject): KubeObject {
  return isNewEvent(resource) ? rename(object, 'events.k8s.io/v1', 0) : object;
}

/** The form in which an object is kept. */
export function toStored(resource: Resource, object: KubeObject): KubeObject {
  return isNewEvent(resource) ? rename(object, 'v1', 1) : object;
}

function rename(object: KubeObject, apiVersion: string, from: 0 | 1): KubeObject {
  const next: Loose = { ...object, apiVersion };
  for (const names of renamed) {
    const [old, fresh] = from === 0 ? names : names.toReversed();
    if (next[old] === undefined) continue;
    next[fresh] = next[old];
    delete next[old];
  }
  if (from === 1) {
    for (const key of ['firstTimestamp', 'lastTimestamp']) next[key] ??= null;
    next.source ??= {};
    next.involvedObject ??= {};
  }
  return next;
}
