import type { Loose } from '../object.ts';
import { groupVersion, type Resource } from '../resources.ts';
import { defaultPodSpec, fill } from './defaults-pod.ts';

/** Fills in what an object leaves out, as the real server does when it reads one. Changes the object. */
export function applyDefaults(resource: Resource, object: Loose): void {
  defaults[`${groupVersion(resource)}/${resource.kind}`]?.(object);
}

/** Metadata of a template without any is `null` in what clients send. */
function defaultTemplate(spec: Loose): void {
  if (!spec.template) return;
  if (spec.template.metadata?.creationTimestamp === null) delete spec.template.metadata.creationTimestamp;
  if (spec.template.spec) defaultPodSpec(spec.template.spec);
}

/** A Job selects its pods by its own uid, so that nobody has to give it a selector that no other Job has. */
function selectOwnPods({ uid, name }: Loose, spec: Loose): void {
  const { metadata = {} } = (spec.template ??= {});
  const own = { 'batch.kubernetes.io/controller-uid': uid, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name };
  spec.template.metadata = { ...metadata, labels: { ...metadata?.labels, ...own } };
  spec.selector ??= { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
}

const rollout25 = { maxUnavailable: '25%', maxSurge: '25%' };

const defaults: Readonly<Record<string, (object: Loose) => void>> = {
  'v1/Pod': (pod) => {
    if (pod.spec) defaultPodSpec(pod.spec);
  },
  'apps/v1/Deployment': ({ spec }) => {
    if (!spec) return;
    fill(spec, { replicas: 1, strategy: {}, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
    fill(spec.strategy, { type: 'RollingUpdate' });
    if (spec.strategy.type === 'RollingUpdate') {
      fill(spec.strategy, { rollingUpdate: {} });
      fill(spec.strategy.rollingUpdate, rollout25);
    }
    defaultTemplate(spec);
  },
  'apps/v1/ReplicaSet': ({ spec }) => {
    if (!spec) return;
    fill(spec, { replicas: 1 });
    defaultTemplate(spec);
  },
  'apps/v1/DaemonSet': ({ spec }) => {
    if (!spec) return;
    fill(spec, { updateStrategy: {}, revisionHistoryLimit: 10 });
    fill(spec.updateStrategy, { type: 'RollingUpdate' });
    if (spec.updateStrategy.type === 'RollingUpdate') {
      fill(spec.updateStrategy, { rollingUpdate: {} });
      fill(spec.updateStrategy.rollingUpdate, { maxUnavailable: 1, maxSurge: 0 });
    }
    defaultTemplate(spec);
  },
  'apps/v1/StatefulSet': ({ spec }) => {
    if (!spec) return;
    fill(spec, { replicas: 1, podManagementPolicy: 'OrderedReady', updateStrategy: {}, revisionHistoryLimit: 10 });
    fill(spec.updateStrategy, { type: 'RollingUpdate' });
    if (spec.updateStrategy.type === 'RollingUpdate') fill(spec.updateStrategy, { rollingUpdate: { partition: 0 } });
    fill(spec, { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' } });
    defaultTemplate(spec);
  },
  'v1/ReplicationController': ({ spec }) => {
    if (!spec) return;
    fill(spec, { replicas: 1 });
    defaultTemplate(spec);
  },
  'batch/v1/Job': ({ metadata, spec }) => {
    if (!spec) return;
    if (spec.manualSelector !== true) selectOwnPods(metadata, spec);
    fill(spec, { parallelism: 1, completions: 1, backoffLimit: 6, completionMode: 'NonIndexed', suspend: false });
    defaultTemplate(spec);
  },
  'batch/v1/CronJob': ({ spec }) => {
    if (!spec) return;
    fill(spec, { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
  },
  'v1/Service': (service) => {
    const { spec } = service;
    if (!spec) return;
    fill(spec, { sessionAffinity: 'None', type: 'ClusterIP' });
    for (const port of spec.ports ?? []) {
      fill(port, { protocol: 'TCP' });
      if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
    }
    if (spec.type !== 'ExternalName') {
      fill(spec, { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', internalTrafficPolicy: 'Cluster' });
    }
  },
  'v1/Namespace': ({ metadata }) => {
    metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
  },
  'v1/Secret': (secret) => {
    fill(secret, { type: 'Opaque' });
    for (const [key, value] of Object.entries(secret.stringData ?? {})) {
      (secret.data ??= {})[key] = Buffer.from(String(value)).toString('base64');
    }
    delete secret.stringData;
  },
  'v1/Endpoints': ({ subsets }) => {
    for (const { ports } of subsets ?? []) for (const port of ports ?? []) fill(port, { protocol: 'TCP' });
  },
  'discovery.k8s.io/v1/EndpointSlice': (slice) => {
    for (const port of slice.ports ?? []) fill(port, { name: '', protocol: 'TCP' });
    // An empty list and none at all are the same here, and both are given back as null.
    for (const list of ['endpoints', 'ports']) if (!slice[list]?.length) slice[list] = null;
  },
  'networking.k8s.io/v1/NetworkPolicy': ({ spec }) => {
    if (!spec) return;
    fill(spec, { podSelector: {}, policyTypes: spec.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress'] });
    for (const { ports } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) for (const port of ports ?? []) fill(port, { protocol: 'TCP' });
  },
  'rbac.authorization.k8s.io/v1/RoleBinding': defaultBinding,
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': defaultBinding,
  'v1/Event': (event) => {
    fill(event, { metadata: {}, source: {}, firstTimestamp: null, lastTimestamp: null, eventTime: null, reportingComponent: '', reportingInstance: '' });
  },
};

function defaultBinding({ roleRef, subjects }: Loose): void {
  if (roleRef) fill(roleRef, { apiGroup: 'rbac.authorization.k8s.io' });
  for (const subject of subjects ?? []) if (subject.kind !== 'ServiceAccount') fill(subject, { apiGroup: 'rbac.authorization.k8s.io' });
}
