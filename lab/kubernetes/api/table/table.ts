import { toStored } from '../conversion.ts';
import type { ListMeta } from '../http/forms.ts';
import type { KubeObject } from '../object.ts';
import type { Resource } from '../resources.ts';
import { columnsOf } from './columns.ts';
import { podConditions } from './pod-status.ts';

export interface TableOptions {
  /** The version of `meta.k8s.io`. */
  readonly version: string;
  /** `None`, `Metadata` (when not given) or `Object`. */
  readonly include: string | null;
  /** A watch gives the columns with its first event alone. */
  readonly withoutColumns?: boolean;
}

/** Objects as rows of a table, as `kubectl get` shows them. */
export function tableOf(resource: Resource, objects: readonly KubeObject[], metadata: ListMeta, options: TableOptions): object {
  const columns = columnsOf(resource);
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata,
    columnDefinitions: options.withoutColumns
      ? null
      : columns.map(({ name, type, format, description, priority }) => ({ name, type, format, description, priority })),
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(toStored(resource, object))),
      ...(resource.kind === 'Pod' ? podConditions(object) : {}),
      object: included(object, options),
    })),
  };
}

function included(object: KubeObject, { version, include }: TableOptions): object | null {
  if (include === 'None') return null;
  if (include === 'Object') return object;
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}
