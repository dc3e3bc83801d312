import { randomInt } from 'node:crypto';
import { readQuantity } from '../../quantity.ts';
import type { Loose } from '../object.ts';

/** Letters of generated names: without vowels, and without those that look like others. */
const suffixLetters = 'bcdfghjklmnpqrstvwxz2456789';

/** Five letters, as they stand behind a `generateName`. */
export function randomSuffix(length = 5): string {
  return Array.from({ length }, () => suffixLetters[randomInt(suffixLetters.length)]).join('');
}

/** Sets what isn't there. */
export function fill(object: Loose, defaults: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(defaults)) object[key] ??= structuredClone(value);
}

/** Fills in what a Pod's spec, alone or in a template, leaves out. */
export function defaultPodSpec(spec: Loose): void {
  fill(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  });
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) defaultContainer(container);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  if (spec.serviceAccountName !== undefined) spec.serviceAccount ??= spec.serviceAccountName;
  if (spec.hostNetwork) {
    for (const port of (spec.containers ?? []).flatMap(({ ports }: Loose) => ports ?? [])) port.hostPort ??= port.containerPort;
  }
  for (const constraint of spec.topologySpreadConstraints ?? []) fill(constraint, { whenUnsatisfiable: 'DoNotSchedule' });
}

function defaultContainer(container: Loose): void {
  fill(container, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: pullPolicyOf(container.image ?? ''),
  });
  for (const port of container.ports ?? []) fill(port, { protocol: 'TCP' });
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe) defaultProbe(probe);
  }
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop]) {
    if (handler?.httpGet) fill(handler.httpGet, { path: '/', scheme: 'HTTP' });
  }
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) fill(valueFrom.fieldRef, { apiVersion: 'v1' });
  }
  const { limits, requests } = container.resources;
  if (limits) container.resources.requests = { ...limits, ...requests };
}

function defaultProbe(probe: Loose): void {
  fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  if (probe.httpGet) fill(probe.httpGet, { path: '/', scheme: 'HTTP' });
  if (probe.grpc) fill(probe.grpc, { service: '' });
}

function defaultVolume(volume: Loose): void {
  const source = volume.secret ?? volume.configMap ?? volume.projected ?? volume.downwardAPI;
  if (source) fill(source, { defaultMode: 420 });
  if (volume.hostPath) fill(volume.hostPath, { type: '' });
  const sources = Object.keys(volume).filter((key) => key !== 'name');
  if (sources.length === 0) volume.emptyDir = {};
}

/** `latest`, and no tag at all, is looked for each time. */
function pullPolicyOf(image: string): string {
  if (image.includes('@')) return 'IfNotPresent';
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

/** How the kubelet is to treat a Pod when memory gets short. */
export function qosClassOf(spec: Loose): string {
  const containers: Loose[] = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const amounts = containers.map(({ resources }) => ({ requests: resources?.requests ?? {}, limits: resources?.limits ?? {} }));
  const compute = ['cpu', 'memory'];
  const some = amounts.some(({ requests, limits }) => compute.some((name) => requests[name] !== undefined || limits[name] !== undefined));
  if (!some) return 'BestEffort';
  const whole = amounts.every(({ requests, limits }) =>
    compute.every((name) => limits[name] !== undefined && readQuantity(requests[name] ?? limits[name]) === readQuantity(limits[name])),
  );
  return whole ? 'Guaranteed' : 'Burstable';
}

export interface PodAdmission {
  /** How long a Pod stays on a node that is not ready or can't be reached. */
  readonly tolerationSeconds: number;
}

/** What admission adds to a Pod, but not to a template: account, tolerations, priority. */
export function admitPod(pod: Loose, { tolerationSeconds }: PodAdmission): void {
  const { spec } = pod;
  // The picture of a pod that runs without the API: it has no account there.
  if (pod.metadata?.annotations?.['kubernetes.io/config.mirror'] === undefined) {
    fill(spec, { serviceAccountName: 'default' });
    spec.serviceAccount = spec.serviceAccountName;
    if (spec.automountServiceAccountToken !== false) mountToken(spec);
  }
  spec.tolerations ??= [];
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const tolerated = spec.tolerations.some(
      (toleration: Loose) => (toleration.key === key || !toleration.key) && (toleration.effect === 'NoExecute' || !toleration.effect),
    );
    if (!tolerated) spec.tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds });
  }
  const critical: Record<string, number> = { 'system-node-critical': 2_000_001_000, 'system-cluster-critical': 2_000_000_000 };
  fill(spec, {
    priority: critical[spec.priorityClassName] ?? 0,
    enableServiceLinks: true,
    preemptionPolicy: 'PreemptLowerPriority',
  });
  pod.status = { phase: 'Pending', qosClass: qosClassOf(spec) };
}

/** The volume through which a Pod's processes get at the API. */
function mountToken(spec: Loose): void {
  const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
  const containers: Loose[] = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const without = containers.filter(({ volumeMounts }) => !volumeMounts?.some((mount: Loose) => mount.mountPath === mountPath));
  if (without.length === 0) return;
  const name = `kube-api-access-${randomSuffix()}`;
  for (const container of without) (container.volumeMounts ??= []).push({ name, readOnly: true, mountPath });
  (spec.volumes ??= []).push({
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
      defaultMode: 420,
    },
  });
}
