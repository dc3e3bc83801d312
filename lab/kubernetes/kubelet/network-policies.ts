import { command } from '../../world/commands.ts';
import { defineResource, namespaces, pods, startInformer, type Client, type Informer } from '../client/index.ts';
import type { Namespace, Pod } from '../objects.ts';
import { renderPolicies, type NetworkPolicy, type PolicyPod } from './policy-rules.ts';

export const networkPolicies = defineResource<NetworkPolicy>('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies');

export interface PolicyAgent {
  /** The pods of this node, or their addresses or labels, have changed. */
  changed(): void;
}

/** Changes that come together are put in force together. */
const settleMs = 50;

/**
 * Puts the NetworkPolicies of the cluster in force for the pods of this node. All pods and namespaces of the cluster are
 * followed only from the first policy on: until then, nothing of them is needed.
 *
 * @param localPods the pods of this node that have an address
 */
export function startPolicyAgent(client: Client, localPods: () => readonly Pod[], log: (line: string) => void): PolicyAgent {
  let others: { pods: Informer<Pod>; namespaces: Informer<Namespace> } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let loaded = '';
  const policies = startInformer(client, networkPolicies, { log });

  async function load(): Promise<void> {
    const current = [...policies.store.values()];
    if (current.length > 0 && !others) {
      others = { pods: startInformer(client, pods, { log }), namespaces: startInformer(client, namespaces, { log }) };
      for (const informer of [others.pods, others.namespaces]) informer.on({ added: changed, changed, deleted: changed });
      await Promise.all([others.pods.synced, others.namespaces.synced]);
    }
    const script = renderPolicies({
      policies: current,
      local: localPods().flatMap(asPolicyPod),
      pods: [...(others?.pods.store.values() ?? [])].flatMap(asPolicyPod),
      namespaces: [...(others?.namespaces.store.values() ?? [])].map(({ metadata }) => ({ name: metadata.name, labels: metadata.labels ?? {} })),
    });
    if (script === loaded || (loaded === '' && current.length === 0)) return;
    await command('nft', ['-f', '-'], script);
    loaded = script;
  }

  function changed(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      load().catch((error: unknown) => log(`network policies: ${error instanceof Error ? error.message : String(error)}`));
    }, settleMs);
  }

  policies.on({ added: changed, changed, deleted: changed });
  return { changed };
}

/** Policies are about pods with an address of their own. */
function asPolicyPod({ metadata, spec, status }: Pod): PolicyPod[] {
  if (spec.hostNetwork || !status?.podIP || status.phase === 'Succeeded' || status.phase === 'Failed') return [];
  const ports = Object.fromEntries(
    spec.containers.flatMap((container) => (container.ports ?? []).flatMap(({ name, containerPort }) => (name ? [[name, containerPort] as const] : []))),
  );
  return [{ namespace: metadata.namespace ?? '', labels: metadata.labels ?? {}, address: status.podIP, ports }];
}
