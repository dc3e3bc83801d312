import { parseDocument } from 'yaml';
import { inCluster } from '../../runner/environment.ts';

/**
 * An environment file as it is used in the cluster that it names: the service account in place of a kubeconfig, a lock that
 * other machines see, and a watchdog that does not go with the pod. What else it says stays as it is, with its comments. Pure.
 */
export function environmentInCluster(text: string, { namespace, image, account }: { namespace: string; image: string; account: string }): string {
  const file = parseDocument(text);
  if (file.has('kubernetes')) {
    file.setIn(['kubernetes', 'kubeconfig'], inCluster);
    file.setIn(['kubernetes', 'context'], inCluster);
    if (!file.hasIn(['lock', 'lease'])) file.set('lock', file.createNode({ lease: { namespace, name: 'firedrill' } }));
    if (!file.has('watchdog')) file.set('watchdog', file.createNode({ job: { namespace, image, serviceAccount: account } }));
  }
  // The namespaces of a process on the machine where this was written.
  file.delete('enter');
  return file.toString({ lineWidth: 0 });
}
