import { isConflict, isNotFound, pods, type Client } from '../client/index.ts';
import type { Pod, PodStatus } from '../objects.ts';
import { pause } from './pause.ts';
import { ownConditions, resizeConditions, saysTheSame } from './pod-status.ts';

/** Brings the status of pods to the API: the newest of each, in order, for as long as it takes. */
export interface StatusWriter {
  put(pod: Pod, status: PodStatus): void;
  /** What was put last. */
  last(uid: string): PodStatus | undefined;
  /** Resolves when what was put last is written, or nobody wants it any more. */
  written(uid: string): Promise<void>;
  /** The API has this status now: where it isn't what was put, somebody else wrote it, and it is written again. */
  compare(uid: string, theirs: PodStatus | undefined): void;
  /** The pod has another object in the API than before, which knows nothing yet. */
  rewrite(uid: string): void;
  forget(uid: string): void;
}

interface Entry {
  pod: Pod;
  status: PodStatus;
  version: number;
  writtenVersion: number;
  working: Promise<void> | undefined;
  comparing: NodeJS.Timeout | undefined;
}

const retryMs = 1_000;
/** So long the watch may be behind one's own writes. */
const settleMs = 1_000;

/** @param objectUid the uid of the object that has the pod's status; undefined while there is none */
export function createStatusWriter(client: Client, objectUid: (pod: Pod) => string | undefined, log: (line: string) => void): StatusWriter {
  const entries = new Map<string, Entry>();

  async function work(uid: string, entry: Entry): Promise<void> {
    while (entry.writtenVersion < entry.version && entries.get(uid) === entry) {
      const { version, pod, status } = entry;
      const object = objectUid(pod);
      // It is rewritten as soon as there is one.
      if (object === undefined) return;
      try {
        await client.patch(pods, { namespace: pod.metadata.namespace, name: pod.metadata.name }, 'strategic', patchOf(object, status), 'status');
        entry.writtenVersion = version;
      } catch (error) {
        // Gone, or another pod has its name: nobody wants to know any more.
        if (isNotFound(error) || isConflict(error)) return void (entry.writtenVersion = entry.version);
        log(`status of ${pod.metadata.name}: ${error instanceof Error ? error.message : String(error)}`);
        await pause(retryMs);
      }
    }
  }

  function start(uid: string, entry: Entry): void {
    entry.working ??= work(uid, entry).finally(() => (entry.working = undefined));
  }

  function again(uid: string, entry: Entry): void {
    entry.version++;
    start(uid, entry);
  }

  return {
    put(pod, status) {
      const uid = pod.metadata.uid!;
      const entry = entries.get(uid) ?? { pod, status, version: 0, writtenVersion: 0, working: undefined, comparing: undefined };
      if (entry.version > 0 && JSON.stringify(entry.status) === JSON.stringify(status)) return;
      Object.assign(entry, { pod, status, version: entry.version + 1 });
      entries.set(uid, entry);
      start(uid, entry);
    },
    last: (uid) => entries.get(uid)?.status,
    async written(uid) {
      for (let entry = entries.get(uid); entry?.working !== undefined; entry = entries.get(uid)) await entry.working;
    },
    compare(uid, theirs) {
      const entry = entries.get(uid);
      clearTimeout(entry?.comparing);
      if (!entry || saysTheSame(theirs, entry.status)) return;
      entry.comparing = setTimeout(() => again(uid, entry), settleMs);
    },
    rewrite(uid) {
      const entry = entries.get(uid);
      if (entry) again(uid, entry);
    },
    forget(uid) {
      clearTimeout(entries.get(uid)?.comparing);
      entries.delete(uid);
    },
  };
}

/** With the uid, so that it can't hit another pod of the same name. What is left out of a condition is taken away, and a resize that is over. */
function patchOf(uid: string, status: PodStatus): unknown {
  const conditions = (status.conditions ?? []).map((condition) =>
    [...ownConditions, ...resizeConditions].some((type) => type === condition.type) ? { reason: null, message: null, ...condition } : condition,
  );
  const over = resizeConditions.filter((type) => !conditions.some((condition) => condition.type === type)).map((type) => ({ $patch: 'delete', type }));
  return { metadata: { uid }, status: { ...status, conditions: [...conditions, ...over] } };
}
