import { isAlreadyExists, isConflict, isNotFound, leases, nodes, type Client } from '../client/index.ts';
import { leaseNamespace, type ClusterTiming } from '../names.ts';
import type { Lease, Node } from '../objects.ts';
import type { NodeIdentity } from './context.ts';
import { isShownHealthy, nodeConditions, nodeObject } from './node-object.ts';
import { pause } from './pause.ts';

export interface RegistrationOptions {
  /** Gives up on an answer sooner than the lease runs out. */
  readonly client: Client;
  readonly node: NodeIdentity;
  readonly timing: Pick<ClusterTiming, 'leaseRenewMs' | 'leaseDurationSeconds' | 'nodeStatusMs'>;
  readonly log: (line: string) => void;
}

export interface Registration {
  /** Resolves with the Node when the API has it. */
  readonly registered: Promise<Node>;
  close(): void;
}

/** Even an unchanged status is written this often. */
const reportMs = 300_000;

const seconds = (): string => `${new Date().toISOString().slice(0, 19)}Z`;
const micros = (): string => new Date().toISOString().replace('Z', '000Z');

/** Keeps this machine a Node of the cluster: registers it, renews its Lease, and keeps its status what it is. */
export function keepRegistered({ client, node, timing, log }: RegistrationOptions): Registration {
  const closing = new AbortController();
  const registered = Promise.withResolvers<Node>();
  let uid: string | undefined;
  let lease: Lease | undefined;
  let reportedMs = -Infinity;

  /** A Node of this name from before, perhaps of another life of this kubelet, is taken over: what others wrote stays. */
  async function register(): Promise<Node> {
    const wanted = nodeObject(node, seconds());
    try {
      return await client.create(nodes, wanted);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const { labels, annotations } = wanted.metadata;
      await client.patch(nodes, { name: node.name }, 'merge', { metadata: { labels, annotations }, spec: wanted.spec });
      return await client.patch(nodes, { name: node.name }, 'strategic', { status: wanted.status }, 'status');
    }
  }

  async function report(): Promise<void> {
    try {
      const now = performance.now();
      const known = uid === undefined ? await register() : await client.get(nodes, { name: node.name });
      uid = known.metadata.uid;
      registered.resolve(known);
      if (isShownHealthy(known) && now - reportedMs < reportMs) return;
      const conditions = nodeConditions(known.status?.conditions, seconds());
      await client.patch(nodes, { name: node.name }, 'strategic', { status: { conditions } }, 'status');
      reportedMs = now;
    } catch (error) {
      // Deleted by somebody while it runs: it comes back as a new one.
      if (isNotFound(error)) [uid, lease] = [undefined, undefined];
      throw error;
    }
  }

  async function renew(): Promise<void> {
    const spec = { holderIdentity: node.name, leaseDurationSeconds: timing.leaseDurationSeconds, renewTime: micros() };
    const at = { namespace: leaseNamespace, name: node.name };
    const owner = uid === undefined ? {} : { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node.name, uid }] };
    try {
      if (lease) lease = await client.update(leases, { ...lease, spec: { ...lease.spec, ...spec } });
      else lease = await client.create(leases, { metadata: { ...at, ...owner }, spec });
    } catch (error) {
      lease = undefined;
      if (isAlreadyExists(error) || isConflict(error)) lease = await client.get(leases, at);
      else throw error;
    }
  }

  async function repeat(what: string, periodMs: number, work: () => Promise<void>): Promise<void> {
    while (!closing.signal.aborted) {
      const startedMs = performance.now();
      try {
        await work();
      } catch (error) {
        log(`${what}: ${error instanceof Error ? error.message : String(error)}`);
        // At once would only add to a server's trouble.
        await pause(Math.min(periodMs, 500), closing.signal);
        continue;
      }
      await pause(Math.max(periodMs - (performance.now() - startedMs), 0), closing.signal);
    }
  }

  const failed = (error: unknown): void => log(`the registration ended: ${String(error)}`);
  repeat('node status', timing.nodeStatusMs, report).catch(failed);
  registered.promise.then(() => repeat('lease', timing.leaseRenewMs, renew)).catch(failed);
  return { registered: registered.promise, close: () => closing.abort() };
}
