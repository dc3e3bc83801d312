import { stringify } from 'yaml';
import { accountName, configKey, type KubernetesInput } from './in-cluster.ts';
import { podOf } from './pod.ts';
import { ownRights } from './rbac.ts';
import { startsWithinSeconds, timerGroups, type EmittedFile } from './schedule.ts';

/**
 * The schedule as CronJobs, with all that they need, as a folder for `kubectl apply -k`. Each CronJob starts firedrill, which
 * runs what is due and ends; which slots have been run is kept on a volume. Pure.
 */
export function emitKubernetes(input: KubernetesInput): EmittedFile[] {
  const { name, title, namespace, roles } = input;
  const labels = { 'app.kubernetes.io/name': 'firedrill', 'app.kubernetes.io/instance': name };
  const meta = (own: string, where: string | undefined = namespace): object => ({ name: own, ...(where === undefined ? {} : { namespace: where }), labels });
  const subjects = [{ kind: 'ServiceAccount', name: accountName, namespace }];
  const bound = [...roles.map((role) => ({ ...role, metadata: { ...role.metadata, name: `firedrill-${name}`, labels } })), ...ownRights(`firedrill-${name}-own`, namespace, labels)];
  const objects: Record<string, object[]> = {
    namespace: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } }],
    'service-account': [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta(accountName) }],
    roles: bound,
    bindings: bound.map(({ kind, metadata }) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: `${kind}Binding`,
      metadata: { ...metadata },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: metadata.name },
      subjects,
    })),
    config: [configMap(input, meta(`firedrill-${name}`))],
    runs: [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: meta(`firedrill-${name}`),
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } } },
      },
    ],
    'cron-jobs': timerGroups(input.recurring).map((group) => ({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: meta(`firedrill-${name}-${group.name}`.slice(0, 52).replace(/-$/, '')),
      spec: {
        schedule: group.cron,
        timeZone: group.timeZone,
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: startsWithinSeconds(group),
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          metadata: { labels },
          // Once: firedrill itself knows what it has begun, and a drill that failed is not to be tried again.
          spec: { backoffLimit: 0, template: { metadata: { labels, annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' } }, spec: podOf(input) } },
        },
      },
    })),
  };
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: Object.keys(objects).map((part) => `${part}.yaml`),
  };
  return [
    { path: 'kustomization.yaml', text: `# The schedule "${title.replaceAll(/\s+/g, ' ')}", written by firedrill gameday schedule --emit kubernetes: kubectl apply -k <this folder>\n${stringify(kustomization)}` },
    ...Object.entries(objects).map(([part, all]) => ({ path: `${part}.yaml`, text: all.map((one) => stringify(one, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n') })),
  ];
}

function configMap({ files, environment }: KubernetesInput, metadata: object): object {
  const data = Object.fromEntries([...files.map(({ path, text }) => [configKey(path), text]), ['environment.yaml', environment]]);
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}
