/** One version of one object. */
export interface ObjectVersion {
  readonly uid: string;
  readonly version: string;
}

/** What a list said of a collection, besides what a watch said. */
export interface Snapshot {
  /** The list's resourceVersion: it shows all that had happened up to there. */
  readonly version: string;
  readonly objects: readonly ObjectVersion[];
  /** These are all objects that there are. */
  readonly complete: boolean;
}

/**
 * Whether a watch has delivered all that a list shows. A watch delivers in order, so one that has delivered something
 * newer than the list has delivered what went before, too; it may be ahead of the list, never behind.
 *
 * @param heard the newest resourceVersion that the watch has told of, bookmarks included
 */
export function isAsNewAs(snapshot: Snapshot, items: ReadonlyMap<string, ObjectVersion>, heard: string): boolean {
  const listed = new Set<string>();
  for (const { uid, version } of snapshot.objects) {
    listed.add(uid);
    const known = items.get(uid);
    // What is not known may have been deleted since the list was made.
    if (known ? isNewer(version, known.version) : isNewer(snapshot.version, heard)) return false;
  }
  if (!snapshot.complete) return true;
  for (const { uid, version } of items.values()) {
    const gone = !listed.has(uid) && !isNewer(version, snapshot.version);
    if (gone) return false;
  }
  return true;
}

/**
 * Whether one resourceVersion is later than another. Those of one collection can be compared as numbers: they are etcd's
 * revisions. Where they are not numbers, another one counts as newer, so that nothing is believed too early.
 */
export function isNewer(version: string, than: string): boolean {
  const [a, b] = [Number(version), Number(than)];
  return Number.isNaN(a) || Number.isNaN(b) ? version !== than : a > b;
}
