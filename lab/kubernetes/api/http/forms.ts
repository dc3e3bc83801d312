import type { Call } from '../call.ts';
import type { KubeObject, Loose } from '../object.ts';
import { tableOf } from '../table/table.ts';
import type { Accepts } from './accept.ts';
import type { Answer } from './respond.ts';

type Shown = Pick<Call, 'resource' | 'accepts' | 'query'>;

/** What a list says about itself. */
export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** One object, in the form that was asked for. */
export function objectAnswer(call: Shown, code: number, object: KubeObject): Answer {
  return { code, body: formOf(call, object) };
}

export function formOf({ resource, accepts, query }: Shown, object: KubeObject): object {
  if (accepts.as === 'Table') {
    const meta = { resourceVersion: object.metadata.resourceVersion ?? '' };
    return tableOf(resource, [object], meta, { version: accepts.metaVersion, include: query.get('includeObject') });
  }
  return accepts.as === 'PartialObjectMetadata' ? partial(accepts, object) : object;
}

/** A list, in the form that was asked for. Its items have neither kind nor apiVersion. */
export function listAnswer({ resource, accepts, query }: Shown, items: readonly KubeObject[], meta: ListMeta): Answer {
  if (accepts.as === 'Table') {
    return { code: 200, body: tableOf(resource, items, meta, { version: accepts.metaVersion, include: query.get('includeObject') }) };
  }
  if (accepts.as === 'PartialObjectMetadata') {
    const body = {
      kind: 'PartialObjectMetadataList',
      apiVersion: `meta.k8s.io/${accepts.metaVersion}`,
      metadata: meta,
      items: items.map((item) => partial(accepts, item)),
    };
    return { code: 200, body };
  }
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  return { code: 200, body: { kind: `${resource.kind}List`, apiVersion, metadata: meta, items: items.map(bareOf) } };
}

const bare = new WeakMap<KubeObject, Loose>();

/** The same for the same object, so that its text is made once. */
function bareOf(object: KubeObject): Loose {
  const known = bare.get(object);
  if (known) return known;
  const { kind: _, apiVersion: __, ...rest } = object;
  bare.set(object, rest);
  return rest;
}

function partial({ metaVersion }: Accepts, { metadata }: KubeObject): object {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${metaVersion}`, metadata };
}
