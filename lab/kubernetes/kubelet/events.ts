import { events, isNotFound, type Client } from '../client/index.ts';
import type { KubeEvent, KubeObject } from '../objects.ts';

/** Tells the cluster what happens to its pods and to the node. Never waits, never fails: events are for people. */
export interface EventRecorder {
  record(about: KubeObject & { kind?: string }, event: EventText): void;
  close(): void;
}

export interface EventText {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** The container that it is about. */
  readonly container?: string | undefined;
}

/** An object may have this many events at once, then one more each so often: client-go's spam filter. */
const burst = 25;
const refillMs = 300_000;
/** Events that happen again are counted up in the one that is there; so many are remembered. */
const mostRemembered = 500;

interface Known {
  readonly namespace: string;
  readonly name: string;
  readonly draft: KubeEvent;
  count: number;
}

export function createEventRecorder(client: Client, node: string, log: (line: string) => void): EventRecorder {
  const known = new Map<string, Known>();
  const allowance = new Map<string, { tokens: number; atMs: number }>();
  let last: Promise<void> = Promise.resolve();
  let closed = false;

  function mayWrite(uid: string): boolean {
    const nowMs = performance.now();
    const has = allowance.get(uid) ?? { tokens: burst, atMs: nowMs };
    const tokens = Math.min(burst, has.tokens + (nowMs - has.atMs) / refillMs);
    allowance.set(uid, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs });
    if (allowance.size > mostRemembered) allowance.delete(allowance.keys().next().value!);
    return tokens >= 1;
  }

  async function write(key: string, draft: KubeEvent): Promise<void> {
    const before = known.get(key);
    if (before !== undefined) {
      before.count++;
      try {
        const { lastTimestamp } = draft;
        await client.patch(events, before, 'merge', { count: before.count, lastTimestamp });
        return;
      } catch (error) {
        // The server forgets events after an hour: then it is a new one.
        if (!isNotFound(error)) throw error;
      }
    }
    await client.create(events, draft);
    known.set(key, { namespace: draft.metadata.namespace ?? 'default', name: draft.metadata.name, draft, count: 1 });
    if (known.size > mostRemembered) known.delete(known.keys().next().value!);
  }

  return {
    record(about, { type, reason, message, container }) {
      const { name, namespace, uid = name, resourceVersion } = about.metadata;
      if (closed || !mayWrite(uid)) return;
      const at = `${new Date().toISOString().slice(0, 19)}Z`;
      const fieldPath = container === undefined ? {} : { fieldPath: `spec.containers{${container}}` };
      const kind = about.kind ?? 'Pod';
      const involvedObject = { kind, ...(namespace ? { namespace } : {}), name, uid, apiVersion: 'v1', ...(kind === 'Pod' && resourceVersion ? { resourceVersion } : {}), ...fieldPath };
      const unique = BigInt(Math.floor((performance.timeOrigin + performance.now()) * 1e6)).toString(16);
      const draft: KubeEvent = {
        metadata: { name: `${name}.${unique}`, namespace: namespace ?? 'default' },
        involvedObject,
        reason,
        message,
        type,
        source: { component: 'kubelet', host: node },
        firstTimestamp: at,
        lastTimestamp: at,
        count: 1,
        eventTime: null,
        reportingComponent: 'kubelet',
        reportingInstance: node,
      };
      last = last
        .then(() => write(JSON.stringify([uid, fieldPath, type, reason, message]), draft))
        .catch((error: unknown) => log(`the event ${reason} of ${name} is lost: ${error instanceof Error ? error.message : String(error)}`));
    },
    close: () => void (closed = true),
  };
}
