import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from './call.ts';
import { bootstrapRoles } from './auth/bootstrap-roles.ts';
import { StatusError } from './errors.ts';
import { EtcdError } from './etcd/session.ts';
import type { KubeObject, Loose } from './object.ts';
import { groupVersion, resourceNamed, type Resource } from './resources.ts';
import { keyOf, prefixOf } from './storage/keys.ts';
import { createObject } from './verbs/create.ts';

const rbac = 'rbac.authorization.k8s.io';
const rootCaName = 'kube-root-ca.crt';
const tryAgainMs = 200;

const namespaces = resourceNamed('namespaces');
const serviceAccounts = resourceNamed('serviceaccounts');
const configMaps = resourceNamed('configmaps');

const rootCaDescription =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal ' +
  'service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/**
 * Makes what a new cluster has: namespaces, roles, the service `kubernetes`; and what each namespace gets, whenever one is made.
 * All servers of a cluster do it at the same time, so that what is there already is as good as made.
 */
export function bootstrap(api: Api): { readonly done: Promise<void>; stop(): void } {
  const stopped = new AbortController();
  /** Makes it sure, however long etcd is away. */
  const ensure = async (resource: Resource, object: Loose): Promise<void> => {
    const { namespace, name } = object.metadata;
    while (!stopped.signal.aborted) {
      if (api.store.caches.of(resource).get(keyOf(resource, namespace, name))) return;
      try {
        await createObject(api, { resource, namespace }, { kind: resource.kind, apiVersion: groupVersion(resource), ...object } as KubeObject, false);
        return;
      } catch (error) {
        if (error instanceof StatusError) return;
        if (!(error instanceof EtcdError)) throw error;
        await sleep(tryAgainMs);
      }
    }
  };
  const furnish = async (namespace: string): Promise<void> => {
    const { ca } = api.options.tls;
    await ensure(serviceAccounts, { metadata: { name: 'default', namespace } });
    if (ca === undefined) return;
    const annotations = { 'kubernetes.io/description': rootCaDescription };
    await ensure(configMaps, { metadata: { name: rootCaName, namespace, annotations }, data: { 'ca.crt': ca } });
  };
  const make = async (): Promise<void> => {
    await api.store.caches.loaded;
    await Promise.all(['kube-system', 'kube-public', 'kube-node-lease', 'default'].map((name) => ensure(namespaces, { metadata: { name } })));
    await Promise.all([
      ...roles().map(([resource, object]) => ensure(resource, object)),
      ensure(resourceNamed('services'), kubernetesService(api)),
      ensure(resourceNamed('endpoints'), kubernetesEndpoints(api)),
      ensure(resourceNamed('endpointslices', 'discovery.k8s.io'), kubernetesSlice(api)),
      ...api.store.caches.of(namespaces).list(prefixOf(namespaces)).map(({ object }) => furnish(object.metadata.name)),
    ]);
  };
  const report = (error: unknown): void => api.options.log?.('setting the cluster up failed', error);
  const unsubscribe = api.store.caches.of(namespaces).subscribe({
    onChange({ type, stored }) {
      if (type === 'ADDED') furnish(stored.object.metadata.name).catch(report);
    },
    onLost() {},
  });
  return {
    done: make(),
    stop() {
      stopped.abort();
      unsubscribe();
    },
  };
}

function roles(): [Resource, Loose][] {
  return bootstrapRoles.flatMap(({ name, rules, to = [] }): [Resource, Loose][] => {
    const metadata = { name, labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } };
    const subjects = to.map((who) => {
      const [kind = '', of = ''] = who.split(' ');
      return { kind, apiGroup: rbac, name: of };
    });
    const role: [Resource, Loose] = [resourceNamed('clusterroles', rbac), { metadata, rules }];
    if (subjects.length === 0) return [role];
    const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name };
    return [role, [resourceNamed('clusterrolebindings', rbac), { metadata: structuredClone(metadata), subjects, roleRef }]];
  });
}

const atDefault = { name: 'kubernetes', namespace: 'default' };

function kubernetesService({ addresses, options }: Api): Loose {
  return {
    metadata: { ...atDefault, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { clusterIP: addresses.first, ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: options.listen.port || 6443 }] },
  };
}

function kubernetesEndpoints({ options }: Api): Loose {
  const addresses = (options.advertise ?? [options.listen.host]).map((ip) => ({ ip }));
  return {
    metadata: { ...atDefault, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses, ports: [{ name: 'https', port: options.listen.port || 6443, protocol: 'TCP' }] }],
  };
}

function kubernetesSlice({ options }: Api): Loose {
  return {
    metadata: { ...atDefault, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: (options.advertise ?? [options.listen.host]).map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: 'https', protocol: 'TCP', port: options.listen.port || 6443 }],
  };
}
