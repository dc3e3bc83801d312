import { keyOf, pods, type Informer, type Informers } from '../client/index.ts';
import type { KubeObject, LabelSelector, Pod } from '../objects.ts';
import { controllerOf } from '../pod-state.ts';
import { matchesSelector } from '../selectors.ts';

/** The pods, found by the uid of their controller, by their node and by their namespace. */
export function podInformer(informers: Informers): Informer<Pod> {
  const informer = informers.of(pods);
  informer.addIndex('controller', (pod) => [controllerOf(pod)?.uid]);
  informer.addIndex('node', (pod) => [pod.spec.nodeName]);
  informer.addIndex('namespace', (pod) => [pod.metadata.namespace]);
  return informer;
}

/** Wakes the owners of pods that change; an orphan wakes all that might adopt it. */
export function followPods<T extends KubeObject & { spec: { selector?: LabelSelector } }>(
  podsInformer: Informer<Pod>,
  kind: string,
  owners: Informer<T>,
  wake: (key: string) => void,
): void {
  const wakeOwner = (pod: Pod): void => {
    const controller = controllerOf(pod);
    if (controller) {
      if (controller.kind === kind) wake(`${pod.metadata.namespace}/${controller.name}`);
      return;
    }
    for (const owner of owners.store.by('namespace', pod.metadata.namespace ?? '')) {
      if (matchesSelector(owner.spec.selector, pod.metadata.labels)) wake(keyOf(owner));
    }
  };
  podsInformer.on({
    added: wakeOwner,
    changed(pod, before) {
      if (controllerOf(before)?.uid !== controllerOf(pod)?.uid) wakeOwner(before);
      wakeOwner(pod);
    },
    deleted: wakeOwner,
  });
}
