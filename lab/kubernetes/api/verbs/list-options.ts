import { badRequest, internal, invalid, type FieldError } from '../errors.ts';
import { isTrue } from '../request.ts';
import type { Resource } from '../resources.ts';
import { parseFieldSelector, type FieldSelector } from '../selectors/fields.ts';
import { parseLabelSelector } from '../selectors/labels.ts';
import type { KubeObject } from '../object.ts';

/** Options of lists and watches, checked. */
export interface ListOptions {
  /** 0 for none. */
  readonly limit: number;
  readonly continueToken: string | undefined;
  /** Undefined when not given. */
  readonly resourceVersion: number | undefined;
  readonly match: 'Exact' | 'NotOlderThan' | undefined;
  readonly sendInitialEvents: boolean | undefined;
  readonly allowBookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
  /** Whether there is a selector at all. */
  readonly selective: boolean;
  readonly selects: (object: KubeObject) => boolean;
  readonly fields: FieldSelector;
}

const forbid = (field: string, why: string): FieldError => ({ reason: 'FieldValueForbidden', field, message: `Forbidden: ${why}` });

/** @throws StatusError with the real server's code and words for each kind of mistake */
export function readListOptions(resource: Resource, query: URLSearchParams, watch: boolean): ListOptions {
  const text = (name: string): string | undefined => query.get(name) || undefined;
  const limit = number(text('limit'), 'ParseInt');
  const timeoutSeconds = number(text('timeoutSeconds'), 'ParseInt');
  const labelSelector = text('labelSelector');
  const fieldSelector = text('fieldSelector');
  const matchesLabels = labelSelector === undefined ? undefined : parseLabelSelector(labelSelector);
  const fields = parseFieldSelector(resource, fieldSelector ?? '');
  const version = text('resourceVersion');
  const match = text('resourceVersionMatch');
  const sendInitialEvents = query.has('sendInitialEvents') ? isTrue(query.get('sendInitialEvents')) : undefined;
  const errors = watch ? watchErrors(match, sendInitialEvents) : listErrors(version, match, sendInitialEvents, text('continue'));
  if (errors.length > 0) throw invalid('ListOptions', 'meta.k8s.io', '', errors);
  return {
    limit: limit === undefined || limit < 0 ? 0 : limit,
    continueToken: text('continue'),
    resourceVersion: revision(version, watch),
    match: match as ListOptions['match'],
    sendInitialEvents,
    allowBookmarks: isTrue(query.get('allowWatchBookmarks')),
    timeoutSeconds,
    selective: matchesLabels !== undefined || fieldSelector !== undefined,
    selects: (object) => (matchesLabels?.(object.metadata.labels) ?? true) && fields.matches(object),
    fields,
  };
}

function number(text: string | undefined, goFunction: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.${goFunction}: parsing "${text}": invalid syntax`);
  return Number(text);
}

function revision(text: string | undefined, watch: boolean): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const why = `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`;
  throw watch ? internal(why) : badRequest(`invalid resource version: ${why}`);
}

function watchErrors(match: string | undefined, sendInitialEvents: boolean | undefined): FieldError[] {
  if (sendInitialEvents === undefined) {
    return match === undefined
      ? []
      : [forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')];
  }
  if (match === 'NotOlderThan') return [];
  const errors = [forbid('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')];
  if (match !== undefined) {
    const message = `Unsupported value: "${match}": supported values: "NotOlderThan"`;
    errors.push({ reason: 'FieldValueNotSupported', field: 'resourceVersionMatch', message });
  }
  return errors;
}

function listErrors(
  version: string | undefined,
  match: string | undefined,
  sendInitialEvents: boolean | undefined,
  token: string | undefined,
): FieldError[] {
  if (sendInitialEvents !== undefined) return [forbid('sendInitialEvents', 'sendInitialEvents is forbidden for list')];
  if (match === undefined) return [];
  if (token !== undefined) return [forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden for continue')];
  if (version === undefined) return [forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided')];
  if (match === 'Exact' && version === '0') {
    return [forbid('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')];
  }
  if (match === 'Exact' || match === 'NotOlderThan') return [];
  const message = `Unsupported value: "${match}": supported values: "Exact", "NotOlderThan", ""`;
  return [{ reason: 'FieldValueNotSupported', field: 'resourceVersionMatch', message }];
}
