import { badRequest } from '../errors.ts';
import type { KubeObject } from '../object.ts';
import type { Resource } from '../resources.ts';

type ReadField = (object: KubeObject) => string;

const text = (value: unknown): string => (value === undefined || value === null ? '' : String(value));

/** What can be selected by, besides name and namespace, by resource. */
const fields: Readonly<Record<string, Readonly<Record<string, ReadField>>>> = {
  pods: {
    'spec.nodeName': ({ spec }) => text(spec?.nodeName),
    'spec.restartPolicy': ({ spec }) => text(spec?.restartPolicy),
    'spec.schedulerName': ({ spec }) => text(spec?.schedulerName),
    'spec.serviceAccountName': ({ spec }) => text(spec?.serviceAccountName),
    'spec.hostNetwork': ({ spec }) => text(spec?.hostNetwork ?? false),
    'status.phase': ({ status }) => text(status?.phase),
    'status.podIP': ({ status }) => text(status?.podIP),
    'status.podIPs': ({ status }) => text(status?.podIP),
    'status.nominatedNodeName': ({ status }) => text(status?.nominatedNodeName),
  },
  nodes: { 'spec.unschedulable': ({ spec }) => text(spec?.unschedulable ?? false) },
  namespaces: { 'status.phase': ({ status }) => text(status?.phase) },
  secrets: { type: ({ type }) => text(type) },
  services: { 'spec.clusterIP': ({ spec }) => text(spec?.clusterIP), 'spec.type': ({ spec }) => text(spec?.type) },
  replicationcontrollers: { 'status.replicas': ({ status }) => text(status?.replicas ?? 0) },
  'jobs.batch': { 'status.successful': ({ status }) => text(status?.succeeded ?? 0) },
  events: {
    'involvedObject.kind': ({ involvedObject }) => text(involvedObject?.kind),
    'involvedObject.namespace': ({ involvedObject }) => text(involvedObject?.namespace),
    'involvedObject.name': ({ involvedObject }) => text(involvedObject?.name),
    'involvedObject.uid': ({ involvedObject }) => text(involvedObject?.uid),
    'involvedObject.apiVersion': ({ involvedObject }) => text(involvedObject?.apiVersion),
    'involvedObject.resourceVersion': ({ involvedObject }) => text(involvedObject?.resourceVersion),
    'involvedObject.fieldPath': ({ involvedObject }) => text(involvedObject?.fieldPath),
    reason: ({ reason }) => text(reason),
    reportingComponent: ({ reportingComponent }) => text(reportingComponent),
    source: ({ source, reportingComponent }) => text(source?.component || reportingComponent),
    type: ({ type }) => text(type),
  },
};

/** These say it in other words, as each resource of the core group had a function of its own for it. */
const saysLabel = new Set(['pods', 'nodes', 'namespaces', 'secrets', 'services', 'replicationcontrollers', 'events']);

const ofMetadata: Readonly<Record<string, ReadField>> = {
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': ({ metadata }) => text(metadata.namespace),
};

export interface FieldSelector {
  readonly matches: (object: KubeObject) => boolean;
  /** Set when the selector allows one name only. */
  readonly name: string | undefined;
}

/**
 * Reads the text of `fieldSelector=` for a resource.
 *
 * @throws StatusError 400, with the real server's words
 */
export function parseFieldSelector(resource: Resource, selector: string): FieldSelector {
  const key = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
  const known = resource.plural === 'events' ? fields['events']! : (fields[key] ?? {});
  const terms = splitTerms(selector).map((term) => {
    const match = /^([^=!]*)(!=|==|=)(.*)$/s.exec(term);
    if (!match) throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`);
    const [, field = '', operator, value = ''] = match;
    const read = ofMetadata[field] ?? known[field];
    if (!read) {
      throw badRequest(
        resource.group === '' && saysLabel.has(resource.plural)
          ? `field label not supported: ${field}`
          : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
      );
    }
    return { field, read, equal: operator !== '!=', value: value.replace(/\\([\\,=])/g, '$1') };
  });
  return {
    matches: (object) => terms.every(({ read, equal, value }) => (read(object) === value) === equal),
    name: terms.find(({ field, equal }) => field === 'metadata.name' && equal)?.value,
  };
}

/** Parts between commas; a comma behind a backslash belongs to a value. */
function splitTerms(selector: string): string[] {
  return selector === '' ? [] : selector.split(/(?<!\\),/).filter((term) => term !== '');
}
