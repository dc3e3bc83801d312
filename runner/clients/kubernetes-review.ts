import type { V1SelfSubjectAccessReview } from '@kubernetes/client-node';
import type { CallOptions, KubernetesConnection } from './kubernetes-connection.ts';

export interface Access {
  readonly apiGroup: string;
  /** With its subresource: `pods/eviction`. */
  readonly resource: string;
  readonly verb: string;
  /** Undefined: in the whole cluster. */
  readonly namespace: string | undefined;
}

/** Whether these credentials may do it, as the API server itself says. Everybody who is known may ask that. */
export async function mayWe({ apiGroup, resource, verb, namespace }: Access, connection: KubernetesConnection, options?: CallOptions): Promise<boolean> {
  const [name, subresource] = resource.split('/');
  const resourceAttributes = {
    group: apiGroup,
    resource: name,
    verb,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
  };
  const { status } = await connection.request<V1SelfSubjectAccessReview>(
    {
      verb: 'create',
      resource: 'selfsubjectaccessreviews',
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } },
    },
    options,
  );
  return status?.allowed ?? false;
}
