import { isDeepStrictEqual } from 'node:util';
import { StatusError } from '../errors.ts';
import { timestamp, type KubeObject, type Loose } from '../object.ts';
import { fieldSetOf, has, leavesOf, pathText, removeAt, subtract, valueAt, type FieldSet } from './field-set.ts';
import { strategicMergePatch } from './strategic.ts';

/** Who applies, and whether fields are taken from others. */
export interface Applier {
  readonly manager: string;
  readonly force: boolean;
}

interface Entry {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly time: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: FieldSet;
  readonly subresource?: string;
}

/** Names of an object belong to nobody. */
const ownedByNobody = ['apiVersion', 'kind'];
const ofIdentity = ['name', 'namespace', 'managedFields', 'creationTimestamp', 'uid', 'resourceVersion', 'generation'];

/** The first managedFields of an object that is made by applying it. */
export function managedByApply(applied: KubeObject, manager: string): Loose[] {
  return [entryOf(applied, manager, ownedFields(applied), timestamp())];
}

/**
 * What becomes of an object when somebody applies a part of it: what they set before and no longer do goes, unless others set it.
 * Only those who apply are known as owners here; the real server knows those who update as well.
 *
 * @throws StatusError 409 when a value that somebody else has set would change, and `force` isn't
 */
export function serverSideApply(current: KubeObject, applied: KubeObject, { manager, force }: Applier): KubeObject {
  const owned = ownedFields(applied);
  const entries = (current.metadata.managedFields ?? []) as Entry[];
  const isMine = (entry: Entry): boolean => entry.manager === manager && entry.operation === 'Apply';
  const others = entries.filter((entry) => !isMine(entry));
  const conflicts = others.flatMap((entry) =>
    leavesOf(entry.fieldsV1)
      .filter((path) => has(owned, path) && !isDeepStrictEqual(valueAt(current, path), valueAt(applied, path)))
      .map((path) => ({ entry, path })),
  );
  if (conflicts.length > 0 && !force) throw conflictsError(conflicts);

  const merged = structuredClone(strategicMergePatch(current, withoutIdentity(applied))) as KubeObject;
  const mine = entries.find(isMine);
  for (const path of leavesOf(subtract(mine?.fieldsV1 ?? {}, owned))) {
    if (!others.some((entry) => has(entry.fieldsV1, path))) removeAt(merged, path);
  }
  const lost = conflicts.length > 0;
  const time = mine && isDeepStrictEqual(mine.fieldsV1, owned) ? mine.time : timestamp();
  const next = entryOf(applied, manager, owned, time);
  const kept = entries.flatMap((entry) => {
    if (isMine(entry)) return [next];
    const left = lost ? withoutPaths(entry.fieldsV1, conflicts.filter((conflict) => conflict.entry === entry).map(({ path }) => path)) : entry.fieldsV1;
    return Object.keys(left).length === 0 ? [] : [{ ...entry, fieldsV1: left }];
  });
  merged.metadata.managedFields = mine ? kept : [...kept, next];
  return merged;
}

function entryOf(applied: KubeObject, manager: string, fieldsV1: FieldSet, time: string): Entry {
  return { manager, operation: 'Apply', apiVersion: applied.apiVersion, time, fieldsType: 'FieldsV1', fieldsV1 };
}

function ownedFields(applied: KubeObject): FieldSet {
  return fieldSetOf(withoutIdentity(applied));
}

function withoutIdentity(applied: KubeObject): Loose {
  const rest: Loose = Object.fromEntries(Object.entries(applied).filter(([key]) => !ownedByNobody.includes(key)));
  rest.metadata = Object.fromEntries(Object.entries(applied.metadata).filter(([key]) => !ofIdentity.includes(key)));
  if (Object.keys(rest.metadata).length === 0) delete rest.metadata;
  return rest;
}

function withoutPaths(set: FieldSet, paths: readonly (readonly string[])[]): FieldSet {
  return paths.reduce((left, path) => subtract(left, path.toReversed().reduce<FieldSet>((inner, element) => ({ [element]: inner }), {})), set);
}

function conflictsError(conflicts: readonly { readonly entry: Entry; readonly path: readonly string[] }[]): StatusError {
  const causes = conflicts.map(({ entry, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with "${entry.manager}"${entry.operation === 'Update' ? ` using ${entry.apiVersion}` : ''}`,
    field: pathText(path),
  }));
  const list =
    causes.length === 1
      ? `conflict: ${causes[0]!.message}: ${causes[0]!.field}`
      : `conflicts: ${causes.map(({ message, field }) => `${message}: ${field}`).join('\n')}`;
  return new StatusError(409, 'Conflict', `Apply failed with ${causes.length} ${list}`, { causes });
}
