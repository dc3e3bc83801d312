import type { OwnPlace } from '../runner/own-place.ts';

/** Where this process stands, when it runs in a pod: by what Kubernetes gives every pod, and by the downward API. */
export function ownPlace(variables: NodeJS.ProcessEnv): OwnPlace | undefined {
  const { KUBERNETES_SERVICE_HOST: api, POD_NAME, POD_NAMESPACE, NODE_NAME, NODE_ZONE } = variables;
  if (!api) return undefined;
  // Empty is what a field becomes that this version of Kubernetes doesn't fill.
  return { pod: POD_NAME || undefined, namespace: POD_NAMESPACE || undefined, node: NODE_NAME || undefined, zone: NODE_ZONE || undefined };
}
