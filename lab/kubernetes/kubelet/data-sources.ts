import { configMaps, defineResource, isNotFound, serviceAccounts, type Client } from '../client/index.ts';
import type { KubeObject, Pod } from '../objects.ts';
import type { DataSource } from './environment.ts';

interface Secret extends KubeObject {
  /** Base64. */
  data?: Record<string, string>;
}
const secrets = defineResource<Secret>('v1', 'Secret', 'secrets');

/** Reads ConfigMaps and Secrets of a namespace from the API. */
export function dataSource(client: Client, namespace: string): DataSource {
  return async (kind, name) => {
    try {
      if (kind === 'ConfigMap') return (await client.get(configMaps, { namespace, name })).data ?? {};
      const { data = {} } = await client.get(secrets, { namespace, name });
      return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
}

/** A token for the pod's service account, bound to the pod. */
export async function serviceAccountToken(client: Client, pod: Pod, audience?: string, expirationSeconds = 3_607): Promise<string> {
  const { name, namespace, uid } = pod.metadata;
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: audience === undefined ? [] : [audience], expirationSeconds, boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid } },
  };
  const at = { namespace, name: pod.spec.serviceAccountName ?? 'default' };
  const answer = (await client.createSubresource(serviceAccounts, at, 'token', request)) as { status?: { token?: string } };
  return answer.status?.token ?? '';
}
